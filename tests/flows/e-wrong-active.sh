#!/bin/bash
# Flow E, wrong: function-active does not wait for an update.
# given: pay 1
# exits: 254
# finds: error race-after-update 9
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-active --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
