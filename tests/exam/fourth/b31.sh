#!/bin/bash
set -euo pipefail
mkdir -p layer/python && echo 'x = 1' > layer/python/dep.py
(cd layer && zip -qr ../deps.zip python)
ARN=$(aws lambda publish-layer-version --layer-name deps --zip-file fileb://deps.zip --query LayerVersionArn --output text)
aws lambda update-function-configuration --function-name pay --layers "$ARN" >/dev/null
aws lambda wait function-updated-v2 --function-name pay
