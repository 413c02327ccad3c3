#!/bin/bash
# Flow H: the alias goes back one version, without a build.
# given: pay 12
# finds: nothing
set -euo pipefail
LIVE=$(aws lambda get-alias --function-name pay --name live --query FunctionVersion --output text)
PREVIOUS=$(aws lambda list-versions-by-function --function-name pay --output text \
  --query 'Versions[?Version!=`$LATEST`].Version' | tr '\t' '\n' | sort -n | awk -v live="$LIVE" '$1 < live' | tail -n 1)
aws lambda update-alias --function-name pay --name live --function-version "$PREVIOUS" >/dev/null
