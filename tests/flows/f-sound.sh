#!/bin/bash
# Flow F: update with --publish, and record the number.
# given: pay 1
# finds: nothing
set -euo pipefail
VERSION=$(aws lambda update-function-code --function-name pay --zip-file fileb://two.zip --publish \
  --query Version --output text)
aws lambda wait published-version-active --function-name pay --qualifier "$VERSION"
echo "PAY_VERSION=$VERSION" >release.env
