#!/bin/bash
# Flow I, wrong: in text order, 10 and 11 are among the oldest versions.
# given: pay 12
# finds: error versions-sorted-as-text 9
set -euo pipefail
for NAME in $(aws lambda list-functions --query 'Functions[].FunctionName' --output text); do
  for VERSION in $(aws lambda list-versions-by-function --function-name "$NAME" --query 'Versions[].Version' \
    --output text | tr '\t' '\n' | grep -v LATEST | LC_ALL=C sort -r | awk 'NR > 5'); do
    [ "$VERSION" = 12 ] || aws lambda delete-function --function-name "$NAME" --qualifier "$VERSION"
  done
done
