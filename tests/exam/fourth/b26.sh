#!/bin/bash
set -euo pipefail
FN=pay
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name "$FN"
VERSION=$(aws lambda publish-version --function-name "$FN" --query Version --output text)
STATUS=$(aws lambda invoke --function-name "$FN:$VERSION" --invocation-type Event --cli-binary-format raw-in-base64-out \
  --payload '{"smoke": true}' --query StatusCode --output text /dev/null)
if [ "$STATUS" -ne 202 ]; then
  echo "smoke test of version $VERSION failed"
  exit 1
fi
aws lambda update-alias --function-name "$FN" --name live --function-version "$VERSION" >/dev/null
