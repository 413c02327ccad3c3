#!/bin/bash
set -euo pipefail
for fn in preview-17 preview-18; do
  if ! aws lambda get-function --function-name "$fn" >/dev/null 2>&1; then
    echo "$fn is gone already"
    continue
  fi
  for alias in $(aws lambda list-aliases --function-name "$fn" --query 'Aliases[].Name' --output text); do
    aws lambda delete-alias --function-name "$fn" --name "$alias"
  done
  aws lambda delete-function --function-name "$fn"
done
