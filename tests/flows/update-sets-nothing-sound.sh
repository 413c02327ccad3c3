#!/bin/bash
# Each update sets something.
# given: pay 2
# finds: nothing
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
OPTIONS=(--function-version "$NEW")
aws lambda update-alias --function-name pay --name live "${OPTIONS[@]}" >/dev/null
