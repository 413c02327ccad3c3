#!/bin/bash
# The new layer version replaces the old one, and the other layers stay.
# given: pay 1
# also: publish-layer-version --layer-name certs --zip-file fileb://one.zip
# also: publish-layer-version --layer-name deps --zip-file fileb://one.zip
# also: update-function-configuration --function-name pay --layers arn:aws:lambda:eu-west-1:123456789012:layer:certs:1 arn:aws:lambda:eu-west-1:123456789012:layer:deps:1
# finds: nothing
set -euo pipefail
LAYER=$(aws lambda publish-layer-version --layer-name deps --zip-file fileb://two.zip \
  --query LayerVersionArn --output text)
OTHERS=$(aws lambda get-function-configuration --function-name pay --query 'Layers[].Arn' --output text |
  tr '\t' '\n' | grep -v ':deps:')
# shellcheck disable=SC2086
aws lambda update-function-configuration --function-name pay --layers $OTHERS "$LAYER" >/dev/null
aws lambda wait function-updated --function-name pay
