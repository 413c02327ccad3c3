#!/bin/bash
# Flow C: create the function if it does not exist, else update it.
# given: nothing
# finds: nothing
set -euo pipefail
for NAME in new new; do
  if aws lambda get-function --function-name "$NAME" >/dev/null 2>&1; then
    aws lambda update-function-code --function-name "$NAME" --zip-file fileb://two.zip >/dev/null
    aws lambda wait function-updated-v2 --function-name "$NAME"
    aws lambda update-function-configuration --function-name "$NAME" --memory-size 256 >/dev/null
  else
    aws lambda create-function --function-name "$NAME" --runtime python3.13 --handler app.handler \
      --role arn:aws:iam::123456789012:role/pay --zip-file fileb://one.zip >/dev/null
    aws lambda wait function-active --function-name "$NAME"
  fi
done
