#!/bin/bash
# Flow I, wrong: it keeps the newest three versions, but the alias is on an older one.
# given: pay 4
# exits: 254
# finds: error deletes-version-in-use 10
set -euo pipefail
aws lambda update-alias --function-name pay --name live --function-version 1 >/dev/null
for VERSION in $(aws lambda list-versions-by-function --function-name pay --query 'Versions[].Version' \
  --output text | tr '\t' '\n' | grep -v LATEST | sort -rn | awk 'NR > 3'); do
  aws lambda delete-function --function-name "pay" --qualifier "$VERSION"
done
