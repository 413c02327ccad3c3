#!/bin/bash
# The queue is paused for the release, and goes on after it.
# given: pay 1
# finds: nothing
set -euo pipefail
UUID=$(aws lambda create-event-source-mapping --function-name pay \
  --event-source-arn arn:aws:sqs:eu-west-1:123456789012:work --query UUID --output text)
is() {
  until [ "$(aws lambda get-event-source-mapping --uuid "$UUID" --query State --output text)" = "$1" ]; do sleep 1; done
}
is Enabled
aws lambda update-event-source-mapping --uuid "$UUID" --no-enabled >/dev/null
is Disabled
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
aws lambda update-event-source-mapping --uuid "$UUID" --enabled >/dev/null
is Enabled
