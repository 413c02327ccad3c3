#!/bin/bash
# The script uses the exit code of each probe, for the function and for the alias.
# given: pay 1
# finds: nothing
set -euo pipefail
for NAME in pay fresh; do
  if ! aws lambda get-function --function-name "$NAME" >/dev/null 2>&1; then
    aws lambda create-function --function-name "$NAME" --runtime python3.13 --handler app.handler \
      --role arn:aws:iam::123456789012:role/pay --zip-file fileb://one.zip >/dev/null
    aws lambda wait function-active-v2 --function-name "$NAME"
  else
    aws lambda update-function-code --function-name "$NAME" --zip-file fileb://two.zip >/dev/null
    aws lambda wait function-updated-v2 --function-name "$NAME"
  fi
  NEW=$(aws lambda publish-version --function-name "$NAME" --query Version --output text)
  if aws lambda get-alias --function-name "$NAME" --name live >/dev/null 2>&1; then
    aws lambda update-alias --function-name "$NAME" --name live --function-version "$NEW" >/dev/null
  else
    aws lambda create-alias --function-name "$NAME" --name live --function-version "$NEW" >/dev/null
  fi
done
