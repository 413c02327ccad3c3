#!/bin/bash
# An earlier canary left a tenth of the traffic on version 1, and the release does not change that.
# given: pay 3
# also: update-alias --function-name pay --name live --routing-config AdditionalVersionWeights={1=0.1}
# finds: error weights-left-behind 10
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$NEW" --query FunctionVersion
