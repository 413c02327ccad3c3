#!/bin/bash
set -euo pipefail
FN=worker
UUID=$(aws lambda list-event-source-mappings --function-name "$FN" --query 'EventSourceMappings[0].UUID' --output text)

echo "moving the queue to the new consumer"
aws lambda update-event-source-mapping --uuid "$UUID" --no-enabled > /dev/null
aws lambda delete-event-source-mapping --uuid "$UUID" > /dev/null
echo "the old consumer is off"
