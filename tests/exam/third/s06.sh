#!/bin/bash
set -euo pipefail
for v in $(aws lambda list-layer-versions --layer-name deps --query 'LayerVersions[2:].Version' --output text); do
  aws lambda delete-layer-version --layer-name deps --version-number "$v"
done
