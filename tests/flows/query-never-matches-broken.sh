#!/bin/bash
# get-alias has a FunctionVersion and no Version, so the rollback goes to None.
# given: pay 3
# exits: 254
# finds: error query-never-matches 7
set -euo pipefail
OLD=$(aws lambda get-alias --function-name pay --name live --query Version --output text)
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
aws lambda update-alias --function-name pay --name live --function-version "$OLD" >/dev/null
