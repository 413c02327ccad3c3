#!/bin/bash
# Each version is a row of one column, and the rows are sorted as text.
# given: pay 12
# finds: error versions-sorted-as-text 6
set -euo pipefail
newest=$(aws lambda list-versions-by-function --function-name pay --query 'Versions[?Version!=`$LATEST`].[Version]' --output text | sort | tail -1)
aws lambda update-alias --function-name pay --name live --function-version "$newest" >/dev/null
