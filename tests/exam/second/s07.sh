#!/bin/bash
set -euo pipefail
FN=pay
NEW=$(aws lambda publish-layer-version --layer-name deps --zip-file fileb://two.zip --query LayerVersionArn --output text)
OTHERS=$(aws lambda get-function-configuration --function-name "$FN" --output json \
  | jq -r '(.Layers // [])[].Arn | select(contains(":layer:deps:") | not)')
# shellcheck disable=SC2086
aws lambda update-function-configuration --function-name "$FN" --layers $OTHERS "$NEW" >/dev/null
aws lambda wait function-updated-v2 --function-name "$FN"
