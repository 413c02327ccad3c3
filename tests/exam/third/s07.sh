#!/bin/bash
set -euo pipefail
CURRENT=$(aws lambda get-alias --function-name pay --name live --query FunctionVersion --output text)
PREVIOUS=$(aws lambda list-versions-by-function --function-name pay --output text \
  --query 'Versions[?Version!=`$LATEST`].Version' | tr '\t' '\n' | sort -n | grep -B1 -x "$CURRENT" | head -1)
if [ "$PREVIOUS" = "$CURRENT" ]; then echo "nothing before $CURRENT"; exit 1; fi
aws lambda update-alias --function-name pay --name live --function-version "$PREVIOUS" --query FunctionVersion --output text
