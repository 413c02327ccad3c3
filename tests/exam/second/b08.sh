#!/bin/bash
set -e
NAME=pay

aws lambda update-function-code --function-name $NAME --zip-file fileb://two.zip > update.json
aws lambda wait function-updated --function-name $NAME

NEW_VERSION=$(aws lambda publish-version --function-name $NAME | jq '.Version')
echo "Published $NEW_VERSION"

aws lambda update-alias --function-name $NAME --name live --function-version $NEW_VERSION
