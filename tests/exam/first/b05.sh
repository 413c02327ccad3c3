#!/bin/bash
KEEP=3
VERSIONS=$(aws lambda list-versions-by-function --function-name pay --query 'Versions[*].Version' --output text | tr '\t' '\n' | grep -v '\$LATEST' | sort)
TOTAL=$(echo "$VERSIONS" | wc -l)
for V in $(echo "$VERSIONS" | head -n $((TOTAL - KEEP))); do
  aws lambda delete-function --function-name pay --qualifier "$V"
done
