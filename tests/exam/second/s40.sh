#!/bin/bash
set -euo pipefail
FN=pay
aws lambda invoke --function-name "$FN:live" --log-type Tail --payload "$(printf '{"warm":true}' | base64)" \
  --query LogResult --output text answer.json | base64 --decode > log.txt
if grep -q '"errorMessage"' answer.json; then
  cat log.txt
  exit 1
fi
