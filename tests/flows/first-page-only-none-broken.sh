#!/bin/bash
# The query prints the first layer version, followed by the line None.
# given: pay 1
# also: publish-layer-version --layer-name deps --zip-file fileb://one.zip
# also: publish-layer-version --layer-name deps --zip-file fileb://two.zip
# exits: 254
# finds: error first-page-only 9
set -euo pipefail
LAYER=$(aws lambda list-layer-versions --layer-name deps --max-items 1 \
  --query 'LayerVersions[0].LayerVersionArn' --output text)
aws lambda update-function-configuration --function-name pay --layers "$LAYER" >/dev/null
