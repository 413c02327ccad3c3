#!/usr/bin/env bash
set -o errexit
set -o nounset

FUNCTION_NAME=pay
GIT_SHA=${GIT_SHA:-0123abc}

aws lambda update-function-code --function-name "$FUNCTION_NAME" --zip-file fileb://two.zip > /dev/null
aws lambda wait function-updated --function-name "$FUNCTION_NAME"
VERSION="$(aws lambda publish-version --function-name "$FUNCTION_NAME" --description "$GIT_SHA" --query Version --output text)"
aws lambda update-alias --function-name "$FUNCTION_NAME" --name live --function-version "$VERSION" > /dev/null
aws lambda tag-resource --resource "$FUNCTION_NAME" --tags "git-sha=$GIT_SHA,version=$VERSION"
