#!/bin/bash
set -e
FN=pay
aws lambda update-function-code --function-name $FN --zip-file fileb://two.zip --query CodeSha256 --output text
aws lambda wait function-updated --function-name $FN
aws lambda publish-version --function-name $FN --query Version --output text
aws lambda update-alias --function-name $FN --name live --function-version "$LATEST"
