#!/bin/bash
# It calls the new version by its number before it gets traffic, and the alias after it has all traffic.
# given: pay 2
# finds: nothing
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda invoke --function-name pay --qualifier "$NEW" out.json >/dev/null
aws lambda update-alias --function-name pay --name live --routing-config "AdditionalVersionWeights={$NEW=0.1}" >/dev/null
sleep 60
aws lambda update-alias --function-name pay --name live --function-version "$NEW" \
  --routing-config 'AdditionalVersionWeights={}' >/dev/null
aws lambda invoke --function-name pay:live out.json >/dev/null
