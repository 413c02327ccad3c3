#!/usr/bin/env bash
set -euo pipefail
FUNCTION_NAME="${FUNCTION_NAME:-pay}"
echo "Updating code..."
aws lambda update-function-code --function-name "$FUNCTION_NAME" --zip-file fileb://two.zip --no-cli-pager > /dev/null
VERSION=$(aws lambda publish-version --function-name "$FUNCTION_NAME" --description "ci" | grep -o '"Version": "[0-9]*"' | cut -d'"' -f4)
aws lambda update-alias --function-name "$FUNCTION_NAME" --name live --function-version "$VERSION" > /dev/null
