#!/usr/bin/env bash
set -euo pipefail

publish_layer() {
  local name=$1 zip=$2
  aws lambda publish-layer-version --layer-name "$name" \
    --zip-file "fileb://$zip" --compatible-runtimes python3.13 \
    --query LayerVersionArn --output text
}

DEPS=$(publish_layer python-deps two.zip)
echo "published $DEPS"

aws lambda update-function-configuration --function-name pay --layers "$DEPS" > /dev/null
aws lambda wait function-updated-v2 --function-name pay
aws lambda get-function-configuration --function-name pay --query 'Layers[].Arn' --output text
