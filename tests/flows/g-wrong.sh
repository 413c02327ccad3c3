#!/bin/bash
# Flow G, wrong: the guard has the RevisionId of the update, but the id changes when the update is done.
# given: pay 2
# exits: 254
# finds: error stale-revision-id 10
set -euo pipefail
REVISION=$(aws lambda update-function-code --function-name pay --zip-file fileb://two.zip \
  --query RevisionId --output text)
aws lambda wait function-updated --function-name pay
NEW=$(aws lambda publish-version --function-name pay --revision-id "$REVISION" --query Version --output text)
aws lambda update-alias --function-name pay --name live \
  --routing-config "AdditionalVersionWeights={$NEW=0.1}" >/dev/null
