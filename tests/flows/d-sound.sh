#!/bin/bash
# Flow D: a public layer in several regions, whose version numbers are compared.
# given: nothing
# finds: nothing
set -euo pipefail
for REGION in eu-west-1 us-east-1; do
  VERSION=$(aws lambda publish-layer-version --layer-name tools --zip-file fileb://one.zip \
    --region "$REGION" --query Version --output text)
  aws lambda add-layer-version-permission --layer-name tools --version-number "$VERSION" --statement-id all \
    --action lambda:GetLayerVersion --principal '*' --region "$REGION" >/dev/null
  LATEST=$(aws lambda list-layer-versions --layer-name tools --region "$REGION" \
    --query 'LayerVersions[0].Version' --output text)
  [ "$LATEST" = "$VERSION" ]
done
