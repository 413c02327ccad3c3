#!/bin/bash
set -euo pipefail
FN=pay
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name "$FN" --qualifier live
VERSION=$(aws lambda publish-version --function-name "$FN" --query Version --output text)
aws lambda update-alias --function-name "$FN" --name live --function-version "$VERSION" >/dev/null
