#!/bin/bash
set -euo pipefail

FUNCTION_NAME="pay"
CANARY_PERCENT="${CANARY_PERCENT:-10}"

aws lambda update-function-code --function-name "$FUNCTION_NAME" --zip-file fileb://two.zip > /dev/null
aws lambda wait function-updated-v2 --function-name "$FUNCTION_NAME"
CANARY=$(aws lambda publish-version --function-name "$FUNCTION_NAME" --query 'Version' --output text)

echo "Sending ${CANARY_PERCENT}% of traffic to version ${CANARY}"
aws lambda update-alias \
  --function-name "$FUNCTION_NAME" \
  --name live \
  --routing-config "AdditionalVersionWeights={\"$CANARY\"=$CANARY_PERCENT}" \
  > /dev/null
