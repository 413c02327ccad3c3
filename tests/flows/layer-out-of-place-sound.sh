#!/bin/bash
# The package lies below python/.
# given: pay 1
# finds: nothing
set -euo pipefail
mkdir -p build/python/dep && touch build/python/dep/__init__.py
(cd build && zip -qr ../layer.zip .)
layer=$(aws lambda publish-layer-version --layer-name deps --zip-file fileb://layer.zip \
  --compatible-runtimes python3.13 --query LayerVersionArn --output text)
aws lambda update-function-configuration --function-name pay --layers "$layer" >/dev/null
aws lambda wait function-updated-v2 --function-name pay
