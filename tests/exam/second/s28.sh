#!/bin/bash
set -euo pipefail
FN=pay
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated --function-name "$FN"
V=$(aws lambda publish-version --function-name "$FN" --query Version --output text)
aws lambda put-provisioned-concurrency-config --function-name "$FN" --qualifier "$V" --provisioned-concurrent-executions 2 >/dev/null
for i in $(seq 1 60); do
  status=$(aws lambda get-provisioned-concurrency-config --function-name "$FN" --qualifier "$V" --query Status --output text)
  [ "$status" = READY ] && break
  [ "$status" = FAILED ] && exit 1
  sleep 5
done
aws lambda update-alias --function-name "$FN" --name live --function-version "$V" >/dev/null
