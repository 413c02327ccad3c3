#!/bin/bash
# The same trap, but the last line of the script keeps the release.
# given: pay 3
# finds: nothing
set -euo pipefail
OLD=$(aws lambda get-alias --function-name pay --name live --query FunctionVersion --output text)
restore() { aws lambda update-alias --function-name pay --name live --function-version "$OLD" >/dev/null; }
trap restore EXIT
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
trap - EXIT
echo "released $NEW"
