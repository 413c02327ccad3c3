#!/bin/bash
# Version 10 is released, but "the newest" in text order is 9.
# given: pay 9
# finds: error versions-sorted-as-text 12
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
NEWEST=$(aws lambda list-versions-by-function --function-name pay --query 'Versions[].Version' --output text |
  tr '\t' '\n' | grep -v LATEST | sort | tail -n 1)
aws lambda update-alias --function-name pay --name live --function-version "$NEWEST" >/dev/null
