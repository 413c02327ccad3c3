#!/bin/bash
set -e
CURRENT=$(aws lambda get-function --function-name pay --query 'Configuration.Version' --output text)
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip > /dev/null
aws lambda wait function-updated --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query 'Version' --output text)
aws lambda update-alias --function-name pay --name live --function-version "$NEW" > /dev/null
if ! grep -q ok smoke.log 2>/dev/null; then
  aws lambda update-alias --function-name pay --name live --function-version "$CURRENT" > /dev/null
fi
