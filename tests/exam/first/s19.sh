#!/bin/bash
set -euo pipefail
for fn in pay; do
  for v in $(aws lambda list-versions-by-function --function-name $fn --query 'Versions[?Version!=`$LATEST`].Version' --output text); do
    aws lambda delete-function --function-name $fn --qualifier $v 2>/dev/null || echo "$fn:$v is in use"
  done
done
