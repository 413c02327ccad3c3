#!/bin/bash
set -e
FUNCTION_NAME=pay
aws lambda update-function-code --function-name $FUNCTION_NAME --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated --function-name $FUNCTION_NAME
VERSION=$(aws lambda publish-version --function-name $FUNCTION_NAME | jq -r .Version)

cat > alias.json <<'JSON'
{
  "FunctionName": "pay",
  "Name": "live",
  "FunctionVersion": "$VERSION"
}
JSON
aws lambda update-alias --cli-input-json file://alias.json
