#!/bin/bash
set -euo pipefail
FN=pay
TABLE=$(aws lambda get-function-configuration --function-name "$FN" --query 'Environment.Variables.TABLE_NAME' --output text)
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name "$FN"
aws lambda update-function-configuration --function-name "$FN" \
  --environment "Variables={TABLE_NAME=$TABLE,RELEASE=42}" >/dev/null
aws lambda wait function-updated-v2 --function-name "$FN"
