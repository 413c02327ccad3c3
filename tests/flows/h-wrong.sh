#!/bin/bash
# Flow H, wrong: the version before the newest is 8, if 9 comes after 12.
# given: pay 12
# finds: error versions-sorted-as-text 6
set -euo pipefail
PREVIOUS=$(aws lambda list-versions-by-function --function-name pay --output text \
  --query 'sort_by(Versions, &Version)[-2].Version')
aws lambda update-alias --function-name pay --name live --function-version "$PREVIOUS" >/dev/null
