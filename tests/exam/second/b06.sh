#!/bin/bash
set -e
FUNCTION_NAME=pay
ALLOWED_ORIGINS="https://a.example.com,https://b.example.com"
LOG_LEVEL=info

aws lambda update-function-code --function-name $FUNCTION_NAME --zip-file fileb://two.zip > /dev/null
aws lambda wait function-updated --function-name $FUNCTION_NAME

aws lambda update-function-configuration \
  --function-name $FUNCTION_NAME \
  --environment "Variables={LOG_LEVEL=$LOG_LEVEL,ALLOWED_ORIGINS=$ALLOWED_ORIGINS}" > /dev/null
aws lambda wait function-updated --function-name $FUNCTION_NAME
