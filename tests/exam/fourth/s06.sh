#!/bin/bash
set -euo pipefail
FN=pay
CURRENT=$(aws lambda get-function-configuration --function-name "$FN" --query 'Environment.Variables' --output json)
MERGED=$(jq -cn --argjson now "${CURRENT:-null}" --arg sha "${GITHUB_SHA:-dev}" '{Variables: (($now // {}) + {RELEASE: $sha})}')
aws lambda update-function-configuration --function-name "$FN" --environment "$MERGED" >/dev/null
aws lambda wait function-updated-v2 --function-name "$FN"
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip --publish --query Version --output text > version.txt
aws lambda wait function-updated-v2 --function-name "$FN"
aws lambda update-alias --function-name "$FN" --name live --function-version "$(cat version.txt)" >/dev/null
