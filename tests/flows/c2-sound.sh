#!/bin/bash
# Flow C2: a function with all that hangs on it.
# given: nothing
# finds: nothing
set -euo pipefail
aws lambda create-function --function-name new --runtime python3.13 --handler app.handler \
  --role arn:aws:iam::123456789012:role/pay --zip-file fileb://one.zip --tags team=pay >/dev/null
aws lambda add-permission --function-name new --statement-id s3 --action lambda:InvokeFunction \
  --principal s3.amazonaws.com >/dev/null
aws lambda create-function-url-config --function-name new --auth-type NONE --query FunctionUrl --output text
aws lambda wait function-active-v2 --function-name new
aws lambda invoke --function-name new out.json >/dev/null
