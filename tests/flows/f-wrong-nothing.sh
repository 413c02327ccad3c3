#!/bin/bash
# Flow F, wrong: the update fails, the script ignores that, and announces the old version.
# given: pay 1
# finds: error publish-made-no-version 7
set -u
aws lambda update-function-code --function-name pay --s3-bucket none --s3-key pay.zip >/dev/null 2>&1
VERSION=$(aws lambda publish-version --function-name pay --description "release 42" --query Version --output text)
echo "released $VERSION"
