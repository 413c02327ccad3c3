#!/bin/bash
# The function raises an error, and the script looks at FunctionError before it moves the alias.
# given: pay 2
# env: LAMBDRY_INVOKE=echo no module >&2; exit 1
# exits: 1
# finds: nothing
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
FAILED=$(aws lambda invoke --function-name pay --qualifier "$NEW" --query FunctionError --output text out.json)
if [ "$FAILED" != None ]; then
  echo "version $NEW does not run" >&2
  exit 1
fi
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
