#!/bin/bash
set -euo pipefail
mkdir -p build/requests
echo '__version__ = "2.32.3"' > build/requests/__init__.py
(cd build && zip -qr ../layer.zip .)
LAYER=$(aws lambda publish-layer-version --layer-name deps --zip-file fileb://layer.zip \
  --compatible-runtimes python3.13 --query LayerVersionArn --output text)
aws lambda update-function-configuration --function-name pay --layers "$LAYER" >/dev/null
aws lambda wait function-updated-v2 --function-name pay
