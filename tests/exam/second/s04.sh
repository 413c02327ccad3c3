#!/bin/bash
set -euo pipefail
FN=pay
STEPS="0.05 0.25 0.5"

STABLE=$(aws lambda get-alias --function-name "$FN" --name live --query FunctionVersion --output text)
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name "$FN"
CANARY=$(aws lambda publish-version --function-name "$FN" --query Version --output text)

for weight in $STEPS; do
  aws lambda update-alias --function-name "$FN" --name live --function-version "$STABLE" \
    --routing-config "AdditionalVersionWeights={$CANARY=$weight}" >/dev/null
  echo "$weight to $CANARY"
  sleep 30
done
aws lambda update-alias --function-name "$FN" --name live --function-version "$CANARY" \
  --routing-config "AdditionalVersionWeights={}" >/dev/null
