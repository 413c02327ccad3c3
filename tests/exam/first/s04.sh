#!/bin/bash
set -euo pipefail
OLD=$(aws lambda get-alias --function-name pay --name live --query FunctionVersion --output text)
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$OLD" --routing-config "AdditionalVersionWeights={$NEW=0.1}" >/dev/null
for share in 0.3 0.6; do
  sleep 60
  aws lambda update-alias --function-name pay --name live --routing-config "AdditionalVersionWeights={$NEW=$share}" >/dev/null
done
aws lambda update-alias --function-name pay --name live --function-version "$NEW" --routing-config 'AdditionalVersionWeights={}' >/dev/null
