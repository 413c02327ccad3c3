#!/bin/bash
# The consumer is paused around a release, and the script polls until each change is done.
# given: pay 1
# finds: nothing
set -euo pipefail
state() {
  until [ "$(aws lambda get-event-source-mapping --uuid "$UUID" --query State --output text)" = "$1" ]; do sleep 1; done
}
UUID=$(aws lambda create-event-source-mapping --function-name pay:live \
  --event-source-arn arn:aws:sqs:eu-west-1:123456789012:orders --query UUID --output text)
state Enabled
aws lambda update-event-source-mapping --uuid "$UUID" --no-enabled --output off
state Disabled
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip --output off
aws lambda wait function-updated-v2 --function-name pay
VERSION=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$VERSION" --output off
aws lambda update-event-source-mapping --uuid "$UUID" --enabled --output off
state Enabled
