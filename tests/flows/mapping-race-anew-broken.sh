#!/bin/bash
# A mapping is deleted and created again, after a pause that is usually long enough.
# given: pay 1
# finds: warning mapping-race 10
set -euo pipefail
ORDERS=arn:aws:sqs:eu-west-1:123456789012:orders
UUID=$(aws lambda create-event-source-mapping --function-name pay --event-source-arn $ORDERS --query UUID --output text)
until aws lambda get-event-source-mapping --uuid "$UUID" --query State | grep -q Enabled; do sleep 1; done
aws lambda delete-event-source-mapping --uuid "$UUID" --output off; sleep 5
aws lambda create-event-source-mapping --function-name pay --event-source-arn $ORDERS --batch-size 5 --output off
