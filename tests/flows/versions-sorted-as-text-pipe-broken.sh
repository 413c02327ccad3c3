#!/bin/bash
# The pipe sorts the numbers as text and takes the last but one.
# given: pay 12
# finds: error versions-sorted-as-text 6
set -euo pipefail
previous=$(aws lambda list-versions-by-function --function-name pay --query 'Versions[].Version' --output text \
  | tr '\t' '\n' | grep -v LATEST | sort | tail -2 | head -1)
aws lambda update-alias --function-name pay --name live --function-version "$previous" >/dev/null
