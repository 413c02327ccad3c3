#!/bin/bash
set -euo pipefail
FN=hello
aws lambda create-function --function-name "$FN" --runtime python3.13 --handler app.handler \
  --role arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip >/dev/null
aws lambda wait function-active-v2 --function-name "$FN"
aws logs put-retention-policy --log-group-name "/aws/lambda/$FN" --retention-in-days 14
