#!/bin/bash
# Flow E, wrong: the alias moves to a version that is still Pending.
# given: pay 1
# finds: error alias-to-pending-version 8
set -euo pipefail
NEW=$(aws lambda update-function-code --function-name pay --zip-file fileb://two.zip --publish \
  --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
