#!/bin/bash
# The release sets the weights, so earlier weights do not matter.
# given: pay 3
# also: update-alias --function-name pay --name live --routing-config AdditionalVersionWeights={1=0.1}
# finds: nothing
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$NEW" \
  --routing-config 'AdditionalVersionWeights={}' >/dev/null
