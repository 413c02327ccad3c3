#!/bin/bash
# The rollback is an EXIT trap, so it also undoes a release that succeeded.
# given: pay 3
# finds: error release-undone 7
set -euo pipefail
OLD=$(aws lambda get-alias --function-name pay --name live --query FunctionVersion --output text)
restore() { aws lambda update-alias --function-name pay --name live --function-version "$OLD" >/dev/null; }
trap restore EXIT
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
echo "released $NEW"
