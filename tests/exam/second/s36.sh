#!/bin/sh
FN=pay
aws lambda update-function-code --function-name $FN --zip-file fileb://two.zip > /dev/null || exit 1
aws lambda wait function-updated --function-name $FN || exit 1
VERSION=`aws lambda publish-version --function-name $FN --query Version --output text` || exit 1
aws lambda update-alias --function-name $FN --name live --function-version $VERSION > /dev/null || { echo "alias not moved" >&2; exit 1; }
echo "ok $VERSION"
