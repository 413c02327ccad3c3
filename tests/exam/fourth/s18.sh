#!/bin/bash
set -euo pipefail
GITHUB_OUTPUT=${GITHUB_OUTPUT:-output.txt}
VERSION=$(aws lambda update-function-code --function-name pay --zip-file fileb://two.zip --publish --query Version --output text)
echo "version=$VERSION" >> "$GITHUB_OUTPUT"
aws lambda wait published-version-active --function-name pay --qualifier "$VERSION"
aws lambda update-alias --function-name pay --name live --function-version "$VERSION" --description "release ${GITHUB_SHA}" >/dev/null
aws lambda tag-resource --resource "arn:aws:lambda:$AWS_REGION:123456789012:function:pay" --tags "commit=${GITHUB_SHA},version=$VERSION"
