#!/bin/bash
set -euo pipefail
FN=pay
PREVIOUS=$(aws lambda list-versions-by-function --function-name "$FN" --query 'Versions[].Version' --output text \
  | tr '\t' '\n' | grep -v LATEST | sort | tail -2 | head -1)
echo "back to $PREVIOUS"
aws lambda update-alias --function-name "$FN" --name live --function-version "$PREVIOUS" >/dev/null
