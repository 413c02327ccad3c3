#!/bin/bash
set -euo pipefail
FN=pay
aws lambda update-function-configuration --function-name "$FN" --memory-size 1024 >/dev/null
aws lambda wait function-updated-v2 --function-name "$FN"
VERSION=$(aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip --publish --query Version --output text)
aws lambda wait function-updated-v2 --function-name "$FN" --qualifier "$VERSION"
aws lambda put-provisioned-concurrency-config --function-name "$FN" --qualifier "$VERSION" --provisioned-concurrent-executions 2 >/dev/null
for _ in $(seq 60); do
  STATUS=$(aws lambda get-provisioned-concurrency-config --function-name "$FN" --qualifier "$VERSION" --query Status --output text)
  [ "$STATUS" = READY ] && break
  [ "$STATUS" = FAILED ] && exit 1
  sleep 10
done
[ "$STATUS" = READY ] || exit 1
OLD=$(aws lambda get-alias --function-name "$FN" --name live --query FunctionVersion --output text)
aws lambda update-alias --function-name "$FN" --name live --function-version "$VERSION" >/dev/null
aws lambda delete-provisioned-concurrency-config --function-name "$FN" --qualifier "$OLD" 2>/dev/null || true
