#!/bin/bash
# The pipe sorts the numbers as numbers.
# given: pay 12
# finds: nothing
set -euo pipefail
previous=$(aws lambda list-versions-by-function --function-name pay --query 'Versions[].Version' --output text \
  | tr '\t' '\n' | grep -v LATEST | sort -n | tail -2 | head -1)
aws lambda update-alias --function-name pay --name live --function-version "$previous" >/dev/null
