#!/bin/bash
# Flow E: update, wait, publish, move the alias, smoke test, and move the alias back if the test fails.
# given: pay 3
# finds: nothing
set -euo pipefail
OLD=$(aws lambda get-alias --function-name pay --name live --query FunctionVersion --output text)
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --description "release" --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null ||
  aws lambda create-alias --function-name pay --name live --function-version "$NEW" >/dev/null
aws lambda invoke --function-name pay:live out.json >/dev/null
if ! grep -q no-such-text out.json; then
  aws lambda update-alias --function-name pay --name live --function-version "$OLD" >/dev/null
fi
