#!/bin/bash
set -u
FN=notifier
set +e
out=$(aws lambda get-function --function-name "$FN" 2>&1)
rc=$?
set -e
if [ $rc -eq 0 ]; then
  aws lambda update-function-code --function-name "$FN" --zip-file fileb://one.zip >/dev/null
  aws lambda wait function-updated --function-name "$FN"
elif echo "$out" | grep -q ResourceNotFoundException; then
  aws lambda create-function --function-name "$FN" --runtime python3.13 --handler app.handler \
    --role arn:aws:iam::123456789012:role/n --zip-file fileb://one.zip >/dev/null
  aws lambda wait function-active --function-name "$FN"
else
  echo "$out" >&2
  exit $rc
fi
