#!/bin/bash
set -euo pipefail
FN=pay; ALIAS=live
aws lambda update-function-code --function-name $FN --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name $FN
NEW=$(aws lambda publish-version --function-name $FN --query Version --output text)
OLD=$(aws lambda get-alias --function-name $FN --name $ALIAS --query FunctionVersion --output text)
for WEIGHT in 0.1 0.5; do
  aws lambda update-alias --function-name $FN --name $ALIAS --function-version "$OLD" \
    --routing-config "AdditionalVersionWeights={$NEW=$WEIGHT}" >/dev/null
  sleep 60
  STATE=$(aws cloudwatch describe-alarms --alarm-names pay-errors --query 'MetricAlarms[0].StateValue' --output text)
  if [ "$STATE" = ALARM ]; then
    aws lambda update-alias --function-name $FN --name $ALIAS --function-version "$OLD" --routing-config '{}' >/dev/null
    exit 1
  fi
done
aws lambda update-alias --function-name $FN --name $ALIAS --function-version "$NEW" --routing-config 'AdditionalVersionWeights={}' >/dev/null
