#!/bin/bash
set -euo pipefail
TOPIC=$(aws sns create-topic --name orders --query TopicArn --output text)
FN_ARN=$(aws lambda get-function --function-name pay --query Configuration.FunctionArn --output text)
aws sns subscribe --topic-arn "$TOPIC" --protocol lambda --notification-endpoint "$FN_ARN" >/dev/null
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
