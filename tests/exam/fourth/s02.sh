#!/bin/bash
set -euo pipefail
# an URL for callers that sign their requests
aws lambda create-function-url-config --function-name pay --auth-type AWS_IAM --query FunctionUrl --output text
aws lambda add-permission --function-name pay --statement-id partner --action lambda:InvokeFunctionUrl \
  --principal 210987654321 --function-url-auth-type AWS_IAM >/dev/null
aws lambda add-permission --function-name pay --statement-id partner-invoke --action lambda:InvokeFunction \
  --principal 210987654321 --invoked-via-function-url >/dev/null
