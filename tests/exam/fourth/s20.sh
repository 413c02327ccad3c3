#!/bin/bash
set -euo pipefail
FN=hello
GROUP=/aws/lambda/$FN
aws logs create-log-group --log-group-name "$GROUP" 2>/dev/null || true
aws logs put-retention-policy --log-group-name "$GROUP" --retention-in-days 14
aws lambda create-function --function-name "$FN" --runtime python3.13 --handler app.handler \
  --role arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip >/dev/null
aws lambda wait function-active-v2 --function-name "$FN"
aws logs tail "$GROUP" --since 5m
