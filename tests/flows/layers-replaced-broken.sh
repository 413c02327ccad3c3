#!/bin/bash
# Only the new layer is attached, which removes the others.
# given: pay 1
# also: publish-layer-version --layer-name certs --zip-file fileb://one.zip
# also: publish-layer-version --layer-name deps --zip-file fileb://one.zip
# also: update-function-configuration --function-name pay --layers arn:aws:lambda:eu-west-1:123456789012:layer:certs:1 arn:aws:lambda:eu-west-1:123456789012:layer:deps:1
# finds: warning layers-replaced 11
set -euo pipefail
LAYER=$(aws lambda publish-layer-version --layer-name deps --zip-file fileb://two.zip \
  --query LayerVersionArn --output text)
aws lambda update-function-configuration --function-name pay --layers "$LAYER" >/dev/null
aws lambda wait function-updated --function-name pay
