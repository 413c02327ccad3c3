#!/bin/bash
set -euo pipefail
mkdir -p layer/python/lib && echo 'x = 1' > layer/python/dep.py
(cd layer && zip -qr ../deps.zip python)
ARN=$(aws lambda publish-layer-version --layer-name deps --zip-file fileb://deps.zip --query LayerVersionArn --output text)
OTHERS=$(aws lambda get-function-configuration --function-name pay --query 'Layers[].Arn' --output text | tr '\t' '\n' | grep -v ':layer:deps:' || true)
# shellcheck disable=SC2086
aws lambda update-function-configuration --function-name pay --layers $OTHERS "$ARN" >/dev/null
aws lambda wait function-updated-v2 --function-name pay
