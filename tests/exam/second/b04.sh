#!/bin/bash

KEEP=2
FUNCTIONS="pay"

for fn in $FUNCTIONS; do
  echo "Cleaning $fn"
  old=$(aws lambda list-versions-by-function --function-name "$fn" \
          --query 'Versions[?Version!=`$LATEST`].Version' --output text \
        | tr '\t' '\n' | sort -n | head -n -$KEEP)
  for v in $old; do
    echo "  deleting $fn:$v"
    aws lambda delete-function --function-name "$fn" --qualifier "$v"
  done
done
echo "Cleanup finished."
