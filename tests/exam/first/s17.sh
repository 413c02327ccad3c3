#!/bin/bash
set -euo pipefail
LAYER=$(aws lambda publish-layer-version --layer-name d --zip-file fileb://one.zip --query LayerVersionArn --output text)
aws lambda update-function-configuration --function-name pay --layers "$LAYER" >/dev/null
aws lambda wait function-updated --function-name pay
aws lambda list-layer-versions --layer-name d --max-items 5 --query 'LayerVersions[].Version' --output text
