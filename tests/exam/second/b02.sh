#!/bin/bash
set -euo pipefail
FN="report-builder"
ROLE="arn:aws:iam::123456789012:role/report-builder"

if ! aws lambda get-function --function-name "$FN" >/dev/null 2>&1; then
  echo "First deployment of $FN"
  aws lambda create-function --function-name "$FN" \
    --runtime python3.13 --handler app.handler --role "$ROLE" \
    --zip-file fileb://one.zip >/dev/null
else
  aws lambda update-function-code --function-name "$FN" --zip-file fileb://one.zip >/dev/null
  aws lambda wait function-updated --function-name "$FN"
fi

VERSION=$(aws lambda publish-version --function-name "$FN" --query Version --output text)
aws lambda create-alias --function-name "$FN" --name live --function-version "$VERSION" >/dev/null
echo "live -> $VERSION"
