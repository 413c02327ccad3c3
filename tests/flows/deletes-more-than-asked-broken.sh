#!/bin/bash
# No version is old enough, so the variable is empty and the option is missing.
# given: pay 2
# finds: error deletes-more-than-asked 7
set -euo pipefail
OLD=$(aws lambda list-versions-by-function --function-name pay --query 'Versions[?Version==`0`].Version' --output text)
aws lambda delete-function --function-name pay ${OLD:+--qualifier "$OLD"}
echo "cleaned up"
