#!/bin/bash
set -euo pipefail
declare -A RELEASED
for FN in audit pay; do
  aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
  aws lambda wait function-updated-v2 --function-name "$FN"
  RELEASED[$FN]=$(aws lambda publish-version --function-name "$FN" --query Version --output text)
done
for FN in "${!RELEASED[@]}"; do
  aws lambda update-alias --function-name "$FN" --name live --function-version "${RELEASED[$FN]}" >/dev/null
done
