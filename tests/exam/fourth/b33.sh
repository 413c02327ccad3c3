#!/bin/bash
set -euo pipefail
FN=hello
aws lambda create-function --function-name "$FN" --runtime python3.13 --handler app.handler \
  --role arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip >/dev/null
aws lambda wait function-active-v2 --function-name "$FN"
ERRORS=$(aws logs filter-log-events --log-group-name "/aws/lambda/$FN" --filter-pattern ERROR --query 'length(events)' --output text)
[ "$ERRORS" -eq 0 ] || { echo "errors after the deployment"; exit 1; }
