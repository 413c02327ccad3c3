#!/bin/bash
# --region is on one line and missing on the other.
# given: nothing
# finds: error other-region 9
set -euo pipefail
for REGION in eu-west-1 us-east-1; do
  aws lambda publish-layer-version --layer-name tools --zip-file fileb://one.zip \
    --region "$REGION" >/dev/null
  aws lambda publish-layer-version --layer-name tools --zip-file fileb://two.zip --description arm >/dev/null
done
