#!/bin/bash
set -euo pipefail
FN=pay
update() {
  aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip "$@"
}
update --dry-run >/dev/null
aws lambda wait function-updated-v2 --function-name "$FN"
VERSION=$(aws lambda publish-version --function-name "$FN" --query Version --output text)
aws lambda update-alias --function-name "$FN" --name live --function-version "$VERSION" >/dev/null
echo "released $VERSION"
