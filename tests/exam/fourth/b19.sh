#!/bin/bash
set -euo pipefail
FN=pay
VERSION=$(aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip --publish --query Version --output text)
aws lambda wait function-updated-v2 --function-name "$FN"
aws lambda update-function-configuration --function-name "$FN" --memory-size 1024 --timeout 30 >/dev/null
aws lambda wait function-updated-v2 --function-name "$FN"
aws lambda update-alias --function-name "$FN" --name live --function-version "$VERSION" >/dev/null
