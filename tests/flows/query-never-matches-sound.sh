#!/bin/bash
# The queries name members that exist, and one that may be missing, for which the script is prepared.
# given: pay 3
# finds: nothing
set -euo pipefail
OLD=$(aws lambda get-alias --function-name pay --name live --query FunctionVersion --output text)
WEIGHTS=$(aws lambda get-alias --function-name pay --name live \
  --query RoutingConfig.AdditionalVersionWeights --output text)
[ "$WEIGHTS" = None ] || exit 1
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
aws lambda update-alias --function-name pay --name previous --function-version "$OLD" >/dev/null 2>&1 ||
  aws lambda create-alias --function-name pay --name previous --function-version "$OLD" >/dev/null
