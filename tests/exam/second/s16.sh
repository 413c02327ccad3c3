#!/bin/bash
set -euo pipefail
FN=pay
TARGET=${1:-}
LIVE=$(aws lambda get-alias --function-name "$FN" --name live --query FunctionVersion --output text)
if [ -z "$TARGET" ]; then
  TARGET=$(aws lambda list-versions-by-function --function-name "$FN" --output json \
    | jq -r --argjson live "$LIVE" '[.Versions[].Version | select(. != "$LATEST") | tonumber | select(. < $live)] | max // empty')
fi
[ -n "$TARGET" ] || { echo "nothing before $LIVE" >&2; exit 1; }
aws lambda update-alias --function-name "$FN" --name live --function-version "$TARGET" >/dev/null
echo "live: $LIVE -> $TARGET"
