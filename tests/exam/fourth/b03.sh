#!/bin/bash
set -e
ROLE=arn:aws:iam::123456789012:role/worker
aws lambda create-function --function-name worker --runtime python3.13 --handler app.handler --role $ROLE \
  --timeout 120 --zip-file fileb://one.zip > /dev/null
aws lambda wait function-active-v2 --function-name worker
QUEUE_URL=$(aws sqs create-queue --queue-name work --query QueueUrl --output text)
QUEUE_ARN=$(aws sqs get-queue-attributes --queue-url $QUEUE_URL --attribute-names QueueArn --query Attributes.QueueArn --output text)
aws lambda create-event-source-mapping --function-name worker --event-source-arn $QUEUE_ARN --batch-size 10 > /dev/null
