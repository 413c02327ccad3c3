#!/bin/bash
# rollback.sh: put the alias on the version before
set -e

FUNCTION="${1:-pay}"
ALIAS="${2:-live}"

PREVIOUS=$(aws lambda list-versions-by-function \
  --function-name "$FUNCTION" \
  --query 'Versions[-2].Version' \
  --output text)

if [ "$PREVIOUS" = "None" ] || [ -z "$PREVIOUS" ]; then
  echo "no previous version" >&2
  exit 1
fi

echo "rolling $ALIAS back to $PREVIOUS"
aws lambda update-alias --function-name "$FUNCTION" --name "$ALIAS" --function-version "$PREVIOUS" --output json
