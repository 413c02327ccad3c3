#!/bin/bash
# The smoke test after the release calls $LATEST, which no client calls.
# given: pay 2
# finds: warning invokes-other-version 10
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
aws lambda invoke --function-name pay --payload '{}' --cli-binary-format raw-in-base64-out out.json >/dev/null
