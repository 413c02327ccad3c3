#!/bin/bash
# Flow C2: a function with every kind of setting.
# given: nothing
# finds: nothing
set -euo pipefail
aws lambda create-function --function-name new --runtime python3.13 --handler app.handler \
  --role arn:aws:iam::123456789012:role/pay --zip-file fileb://one.zip --tags team=pay >/dev/null
aws lambda add-permission --function-name new --statement-id s3 --action lambda:InvokeFunction \
  --principal s3.amazonaws.com >/dev/null
aws lambda create-function-url-config --function-name new --auth-type NONE --query FunctionUrl --output text
aws lambda add-permission --function-name new --statement-id url --action lambda:InvokeFunctionUrl \
  --principal '*' --function-url-auth-type NONE >/dev/null
aws lambda add-permission --function-name new --statement-id call --action lambda:InvokeFunction \
  --principal '*' --invoked-via-function-url >/dev/null
aws lambda wait function-active-v2 --function-name new
aws lambda invoke --function-name new out.json >/dev/null
