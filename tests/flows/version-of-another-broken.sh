#!/bin/bash
# The second loop uses the last number of the first.
# given: pay 3
# also: create-function --function-name audit --runtime python3.13 --handler app.handler --role arn:aws:iam::123456789012:role/pay --zip-file fileb://one.zip --publish
# also: create-alias --function-name audit --name live --function-version 1
# finds: error version-of-another 14
set -euo pipefail
for name in pay audit; do
  aws lambda update-function-code --function-name "$name" --zip-file fileb://two.zip >/dev/null
  aws lambda wait function-updated-v2 --function-name "$name"
  version=$(aws lambda publish-version --function-name "$name" --query Version --output text)
done
for name in pay audit; do
  aws lambda update-alias --function-name "$name" --name live --function-version "$version" >/dev/null
done
