#!/bin/bash
set -euo pipefail
FN=pay
aws lambda update-function-configuration --function-name "$FN" --timeout 45 --memory-size 1024 >/dev/null
aws lambda wait function-updated --function-name "$FN"
RESULT=$(aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip --publish)
aws lambda wait function-updated --function-name "$FN"
VERSION=$(jq -r .Version <<<"$RESULT")
aws lambda update-alias --function-name "$FN" --name live --function-version "$VERSION" >/dev/null
