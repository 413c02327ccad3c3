#!/bin/bash
# Flow F, wrong: without --publish, the script records $LATEST as the number.
# given: pay 1
# finds: warning rollback-to-latest 6
set -euo pipefail
VERSION=$(aws lambda update-function-code --function-name pay --zip-file fileb://two.zip --query Version --output text)
echo "PAY_VERSION=$VERSION" >release.env
