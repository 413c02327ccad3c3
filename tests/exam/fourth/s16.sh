#!/bin/bash
set -euo pipefail
FN="preview-${PR}"
if ! aws lambda get-function --function-name "$FN" >/dev/null 2>&1; then
  aws lambda create-function --function-name "$FN" --runtime python3.13 --handler app.handler \
    --role arn:aws:iam::123456789012:role/preview --zip-file fileb://one.zip --tags "pr=$PR" >/dev/null
  aws lambda wait function-active-v2 --function-name "$FN"
  aws lambda create-function-url-config --function-name "$FN" --auth-type NONE >/dev/null
  aws lambda add-permission --function-name "$FN" --statement-id public-url --action lambda:InvokeFunctionUrl \
    --principal '*' --function-url-auth-type NONE >/dev/null
  aws lambda add-permission --function-name "$FN" --statement-id public-invoke --action lambda:InvokeFunction \
    --principal '*' --invoked-via-function-url >/dev/null
else
  aws lambda update-function-code --function-name "$FN" --zip-file fileb://one.zip >/dev/null
  aws lambda wait function-updated-v2 --function-name "$FN"
fi
aws lambda get-function-url-config --function-name "$FN" --query FunctionUrl --output text
