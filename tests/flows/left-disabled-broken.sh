#!/bin/bash
# The queue is paused for the release, and nobody lets it in again.
# given: pay 1
# finds: warning left-disabled 9
set -euo pipefail
UUID=$(aws lambda create-event-source-mapping --function-name pay \
  --event-source-arn arn:aws:sqs:eu-west-1:123456789012:work --query UUID --output text)
until [ "$(aws lambda get-event-source-mapping --uuid "$UUID" --query State --output text)" = Enabled ]; do sleep 1; done
aws lambda update-event-source-mapping --uuid "$UUID" --no-enabled >/dev/null
until [ "$(aws lambda get-event-source-mapping --uuid "$UUID" --query State --output text)" = Disabled ]; do sleep 1; done
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
