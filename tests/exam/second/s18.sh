#!/bin/bash
set -euo pipefail
FN=pay
aws lambda create-function-url-config --function-name "$FN" --auth-type NONE \
  --cors '{"AllowOrigins":["*"],"AllowMethods":["GET","POST"]}' --query FunctionUrl --output text
aws lambda add-permission --function-name "$FN" --statement-id public-url --action lambda:InvokeFunctionUrl \
  --principal '*' --function-url-auth-type NONE >/dev/null
aws lambda add-permission --function-name "$FN" --statement-id public-invoke --action lambda:InvokeFunction \
  --principal '*' --invoked-via-function-url >/dev/null
