#!/bin/bash
set -e
if aws lambda get-function --function-name svc >/dev/null 2>&1; then
  aws lambda update-function-code --function-name svc --zip-file fileb://two.zip >/dev/null
else
  aws lambda create-function --function-name svc --runtime python3.13 --handler app.handler --role arn:aws:iam::123456789012:role/x --zip-file fileb://one.zip >/dev/null
  aws lambda wait function-active --function-name svc
fi
