#!/bin/bash
# promote.sh: the canary becomes the release
set -euo pipefail
FUNCTION_NAME="pay"

NEW=$(aws lambda get-alias --function-name "$FUNCTION_NAME" --name live --output json \
  | jq -r '.RoutingConfig.AdditionalVersionWeights | keys[0]')

if [ -z "$NEW" ] || [ "$NEW" = "null" ]; then
  echo "no canary is running"; exit 0
fi

echo "promoting $NEW"
aws lambda update-alias --function-name "$FUNCTION_NAME" --name live --function-version "$NEW" > /dev/null
echo "all traffic goes to $NEW"
