#!/bin/bash
# The function raises an error, invoke ends with 0, and the alias moves.
# given: pay 2
# env: LAMBDRY_INVOKE=echo no module >&2; exit 1
# finds: error function-error-unseen 10
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda invoke --function-name pay --qualifier "$NEW" out.json >/dev/null
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
