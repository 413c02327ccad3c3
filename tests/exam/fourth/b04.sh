#!/bin/bash
set -euo pipefail
cat > trust.json <<'JSON'
{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
JSON
ROLE_ARN=$(aws iam create-role --role-name consumer-role --assume-role-policy-document file://trust.json --query Role.Arn --output text)
aws iam attach-role-policy --role-name consumer-role --policy-arn arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
sleep 10
aws lambda create-function --function-name consumer --runtime python3.13 --handler app.handler --role "$ROLE_ARN" \
  --zip-file fileb://one.zip >/dev/null
aws lambda wait function-active-v2 --function-name consumer
URL=$(aws sqs create-queue --queue-name jobs --attributes VisibilityTimeout=180 --query QueueUrl --output text)
ARN=$(aws sqs get-queue-attributes --queue-url "$URL" --attribute-names QueueArn --query Attributes.QueueArn --output text)
aws lambda create-event-source-mapping --function-name consumer --event-source-arn "$ARN" >/dev/null
