#!/bin/bash
# Each number is kept by the name of its function.
# given: pay 3
# also: create-function --function-name audit --runtime python3.13 --handler app.handler --role arn:aws:iam::123456789012:role/pay --zip-file fileb://one.zip --publish
# also: create-alias --function-name audit --name live --function-version 1
# finds: nothing
set -euo pipefail
declare -A versions
for name in pay audit; do
  aws lambda update-function-code --function-name "$name" --zip-file fileb://two.zip >/dev/null
  aws lambda wait function-updated-v2 --function-name "$name"
  versions[$name]=$(aws lambda publish-version --function-name "$name" --query Version --output text)
done
for name in pay audit; do
  aws lambda update-alias --function-name "$name" --name live --function-version "${versions[$name]}" >/dev/null
done
