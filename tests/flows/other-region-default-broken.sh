#!/bin/bash
# The job has set AWS_REGION, which wins over AWS_DEFAULT_REGION.
# given: pay 1
# finds: error other-region 8
set -euo pipefail
for TARGET in eu-west-1 eu-central-1; do
  export AWS_DEFAULT_REGION=$TARGET
  aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
  aws lambda wait function-updated-v2 --function-name pay
done
