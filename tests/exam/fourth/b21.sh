#!/bin/bash
set -euo pipefail
FN=worker
aws lambda create-function --function-name "$FN" --runtime python3.13 --handler app.handler \
  --role arn:aws:iam::123456789012:role/worker --zip-file fileb://one.zip >/dev/null
aws lambda wait function-active-v2 --function-name "$FN"
UUID=$(aws lambda create-event-source-mapping --function-name "$FN" --batch-size 5 \
  --event-source-arn "arn:aws:sqs:$AWS_REGION:123456789012:work" --query UUID --output text)
state() { aws lambda get-event-source-mapping --uuid "$UUID" --query State --output text; }
until [ "$(state)" = Enabled ]; do sleep 2; done
echo "pausing the queue"
aws lambda update-event-source-mapping --uuid "$UUID" --no-enabled >/dev/null
until [ "$(state)" = Disabled ]; do sleep 2; done
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name "$FN"
echo "deployed"
