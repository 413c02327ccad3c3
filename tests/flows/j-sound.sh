#!/bin/bash
# Flow J: it updates and publishes only if the code differs.
# given: pay 1
# finds: nothing
set -euo pipefail
OLD=$(aws lambda get-function-configuration --function-name pay --query CodeSha256 --output text)
NEW=$(openssl dgst -sha256 -binary one.zip | openssl base64)
if [ "$OLD" != "$NEW" ]; then
  aws lambda update-function-code --function-name pay --zip-file fileb://one.zip >/dev/null
  aws lambda wait function-updated --function-name pay
  aws lambda publish-version --function-name pay >/dev/null
fi
