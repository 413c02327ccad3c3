#!/bin/bash
set -euo pipefail
FN=pay
KEEP=5
IN_USE=$(aws lambda list-aliases --function-name "$FN" --output json \
  | jq -r '.Aliases[] | .FunctionVersion, (.RoutingConfig.AdditionalVersionWeights // {} | keys[])' | sort -u)
aws lambda list-versions-by-function --function-name "$FN" --query 'Versions[].Version' --output text | tr '\t' '\n' \
  | grep -vx '\$LATEST' | sort -n | head -n -"$KEEP" | while read -r VERSION; do
    grep -qx "$VERSION" <<<"$IN_USE" && continue
    aws lambda delete-function --function-name "$FN" --qualifier "$VERSION"
  done
