#!/bin/bash
# Flow E, wrong: it publishes while the update may still be in progress, and ignores the failure.
# given: pay 1
# finds: error race-after-update 7
set -u
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
if [ -n "$NEW" ]; then
  aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
fi
