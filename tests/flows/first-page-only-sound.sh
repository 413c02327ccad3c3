#!/bin/bash
# Layer versions come newest first, so one is enough with JSON output. Versions are listed completely.
# given: pay 14
# also: publish-layer-version --layer-name deps --zip-file fileb://one.zip
# also: publish-layer-version --layer-name deps --zip-file fileb://two.zip
# finds: nothing
set -euo pipefail
LAYER=$(aws lambda list-layer-versions --layer-name deps --max-items 1 \
  --query 'LayerVersions[0].LayerVersionArn' --output json | tr -d '"')
aws lambda update-function-configuration --function-name pay --layers "$LAYER" >/dev/null
aws lambda wait function-updated-v2 --function-name pay
LATEST=$(aws lambda list-versions-by-function --function-name pay \
  --query 'Versions[-1].Version' --output json | tr -d '"')
aws lambda update-alias --function-name pay --name live --function-version "$LATEST" >/dev/null
