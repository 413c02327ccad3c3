#!/bin/bash
set -euo pipefail
# a smoke test that reads what the function says; an event is sent on the side
FN=pay
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name "$FN"
VERSION=$(aws lambda publish-version --function-name "$FN" --query Version --output text)
ERROR=$(aws lambda invoke --function-name "$FN:$VERSION" --cli-binary-format raw-in-base64-out --payload '{"ping": true}' \
  --query FunctionError --output text out.json)
[ "$ERROR" = None ] || { cat out.json; exit 1; }
aws lambda update-alias --function-name "$FN" --name live --function-version "$VERSION" >/dev/null
aws lambda invoke --function-name "$FN:live" --invocation-type Event --cli-binary-format raw-in-base64-out \
  --payload '{"warm": true}' /dev/null >/dev/null
