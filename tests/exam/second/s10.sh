#!/bin/bash
set -euo pipefail
for region in eu-west-1 us-east-1; do
  export AWS_REGION=$region
  if aws lambda get-function --function-name edge >/dev/null 2>&1; then
    aws lambda update-function-code --function-name edge --zip-file fileb://two.zip >/dev/null
    aws lambda wait function-updated --function-name edge
  else
    aws lambda create-function --function-name edge --runtime python3.13 --handler app.handler \
      --role arn:aws:iam::123456789012:role/edge --zip-file fileb://two.zip >/dev/null
    aws lambda wait function-active --function-name edge
  fi
done
