#!/bin/bash
set -euo pipefail
FN=pay
KEEP=3
in_use=$(aws lambda list-aliases --function-name "$FN" --output json \
  | jq -r '.Aliases[] | .FunctionVersion, ((.RoutingConfig.AdditionalVersionWeights // {}) | keys[])' | sort -u)
aws lambda list-versions-by-function --function-name "$FN" --output json \
  | jq -r '.Versions[].Version | select(. != "$LATEST")' | sort -rn | tail -n +$((KEEP + 1)) \
  | while read -r version; do
      if grep -qx "$version" <<<"$in_use"; then
        echo "keeping $version"
        continue
      fi
      aws lambda delete-function --function-name "$FN" --qualifier "$version"
    done
