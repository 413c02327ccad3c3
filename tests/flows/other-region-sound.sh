#!/bin/bash
# Each region gets its layer and its permission; AWS_REGION is set each time. A loop within one region is correct.
# given: pay 1
# finds: nothing
set -euo pipefail
for TARGET in eu-west-1 eu-central-1; do
  export AWS_REGION=$TARGET
  VERSION=$(aws lambda publish-layer-version --layer-name tools --zip-file fileb://one.zip --query Version --output text)
  aws lambda add-layer-version-permission --layer-name tools --version-number "$VERSION" --statement-id all \
    --action lambda:GetLayerVersion --principal '*' >/dev/null
done
export AWS_REGION=eu-west-1
for STEP in one two; do
  aws lambda update-function-code --function-name pay --zip-file "fileb://$STEP.zip" >/dev/null
  aws lambda wait function-updated-v2 --function-name pay
done
