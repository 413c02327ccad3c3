#!/bin/bash
set -euo pipefail
FN=worker
wait_for() {
  local state=$1
  for _ in $(seq 30); do
    [ "$(aws lambda get-event-source-mapping --uuid "$UUID" --query State --output text)" = "$state" ] && return
    sleep 2
  done
  echo "the mapping never was $state" >&2
  return 1
}
UUID=$(aws lambda list-event-source-mappings --function-name "$FN" --query 'EventSourceMappings[0].UUID' --output text)
aws lambda update-event-source-mapping --uuid "$UUID" --no-enabled >/dev/null
wait_for Disabled
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated --function-name "$FN"
aws lambda update-event-source-mapping --uuid "$UUID" --enabled >/dev/null
wait_for Enabled
