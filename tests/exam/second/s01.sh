#!/usr/bin/env bash
set -euo pipefail
FUNCTION_NAME=pay
aws lambda update-function-code --function-name "$FUNCTION_NAME" --zip-file fileb://two.zip
aws lambda wait function-updated --function-name "$FUNCTION_NAME"
VERSION=$(aws lambda publish-version --function-name "$FUNCTION_NAME" --description "run 118" | jq -r '.Version')
echo "version=$VERSION" >> out.txt
aws lambda update-alias --function-name "$FUNCTION_NAME" --name live --function-version "$VERSION"
