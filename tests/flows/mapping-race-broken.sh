#!/bin/bash
# The consumer is paused around a release, and nothing waits for either change.
# given: pay 1
# exits: 254
# finds: error mapping-race 11
set -euo pipefail
UUID=$(aws lambda create-event-source-mapping --function-name pay:live \
  --event-source-arn arn:aws:sqs:eu-west-1:123456789012:orders --query UUID --output text)
until aws lambda get-event-source-mapping --uuid "$UUID" --query State | grep -q Enabled; do sleep 1; done
aws lambda update-event-source-mapping --uuid "$UUID" --no-enabled --output off
aws lambda update-event-source-mapping --uuid "$UUID" --enabled --output off
