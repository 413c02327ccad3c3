#!/bin/bash
# Flow G: a tenth of the traffic first, a look at the metrics, then all of the traffic.
# given: pay 2
# finds: nothing
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated --function-name pay
REVISION=$(aws lambda get-function-configuration --function-name pay --query RevisionId --output text)
NEW=$(aws lambda publish-version --function-name pay --revision-id "$REVISION" --query Version --output text)
aws lambda update-alias --function-name pay --name live \
  --routing-config "AdditionalVersionWeights={$NEW=0.1}" >/dev/null
sleep 300
aws lambda update-alias --function-name pay --name live --function-version "$NEW" \
  --routing-config 'AdditionalVersionWeights={}' >/dev/null
