#!/bin/bash
set -e
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip > upload.json
while [ "$(aws lambda get-function --function-name pay --query Configuration.LastUpdateStatus --output text)" = "InProgress" ]; do
  sleep 1
done
VERSION=$(aws lambda publish-version --function-name pay | grep '"Version"' | cut -d'"' -f4)
aws lambda update-alias --function-name pay --name live --function-version ${VERSION} > alias.json
