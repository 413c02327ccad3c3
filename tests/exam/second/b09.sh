#!/bin/bash
set -euo pipefail
FN=pay

aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip --output text --query CodeSha256
aws lambda wait function-updated --function-name "$FN"
V=$(aws lambda publish-version --function-name "$FN" --output text --query Version)

echo "smoke test of $V"
aws lambda invoke --function-name "$FN" --qualifier "$V" \
  --payload '{"httpMethod": "GET", "path": "/health"}' \
  response.json > meta.json

aws lambda update-alias --function-name "$FN" --name live --function-version "$V" >/dev/null
