#!/bin/bash
set -euo pipefail
FN=pay
SHA=4f2c9aa
aws lambda get-function-configuration --function-name "$FN" --query 'Environment.Variables' --output json \
  | jq --arg sha "$SHA" '{Variables: ((. // {}) + {GIT_SHA: $sha})}' > env.json
aws lambda update-function-configuration --function-name "$FN" --environment file://env.json \
  --query 'LastUpdateStatus' --output text
aws lambda wait function-updated --function-name "$FN"
V=$(aws lambda publish-version --function-name "$FN" --query Version --output text)
aws lambda update-alias --function-name "$FN" --name live --function-version "$V" --output text --query FunctionVersion
