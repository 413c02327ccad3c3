#!/bin/bash
set -euo pipefail
FUNCTIONS="audit pay"
for FN in $FUNCTIONS; do
  aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
  aws lambda wait function-updated-v2 --function-name "$FN"
  VERSION=$(aws lambda publish-version --function-name "$FN" --query Version --output text)
  echo "$FN: published $VERSION"
done
for FN in $FUNCTIONS; do
  aws lambda update-alias --function-name "$FN" --name live --function-version "$VERSION" >/dev/null
done
