#!/bin/bash
set -euo pipefail
FN=worker
aws lambda create-function --function-name "$FN" --runtime python3.13 --handler app.handler \
  --role arn:aws:iam::123456789012:role/worker --zip-file fileb://one.zip >/dev/null
aws lambda wait function-active-v2 --function-name "$FN"
UUID=$(aws lambda create-event-source-mapping --function-name "$FN" --batch-size 5 \
  --event-source-arn "arn:aws:sqs:$AWS_REGION:123456789012:work" --query UUID --output text)
await() {
  for _ in $(seq 30); do
    [ "$(aws lambda get-event-source-mapping --uuid "$UUID" --query State --output text)" = "$1" ] && return
    sleep 2
  done
  return 1
}
await Enabled
aws lambda update-event-source-mapping --uuid "$UUID" --no-enabled >/dev/null
await Disabled
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name "$FN"
aws lambda update-event-source-mapping --uuid "$UUID" --enabled >/dev/null
await Enabled
