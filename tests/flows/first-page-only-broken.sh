#!/bin/bash
# The script takes the newest of the first ten versions for the newest of all.
# given: pay 14
# finds: error first-page-only 6
set -euo pipefail
LATEST=$(aws lambda list-versions-by-function --function-name pay --max-items 10 \
  --query 'Versions[-1].Version' --output json | tr -d '"')
aws lambda update-alias --function-name pay --name live --function-version "$LATEST" >/dev/null
