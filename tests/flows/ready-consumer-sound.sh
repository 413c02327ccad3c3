#!/bin/bash
# A consumer of a queue, with a rule and an alarm. The first deployment creates it, and the next one finds it.
# given: pay 2
# also: ssm put-parameter --name /pay/log-group --type String --value /pay
# finds: nothing
set -euo pipefail
QUEUE=$(aws sqs get-queue-url --queue-name orders --query QueueUrl --output text 2>/dev/null ||
  aws sqs create-queue --queue-name orders --attributes VisibilityTimeout=90 --query QueueUrl --output text)
ARN=$(aws sqs get-queue-attributes --queue-url "$QUEUE" --attribute-names QueueArn --query Attributes.QueueArn --output text)
aws lambda create-event-source-mapping --function-name pay:live --event-source-arn "$ARN" --output off
GROUP=$(aws ssm get-parameter --name /pay/log-group --query Parameter.Value --output text)
aws logs create-log-group --log-group-name "$GROUP" || true
aws logs put-retention-policy --log-group-name "$GROUP" --retention-in-days 14
aws cloudwatch put-metric-alarm --alarm-name pay-errors --namespace AWS/Lambda --metric-name Errors --statistic Sum \
  --period 60 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold
LIVE=$(aws lambda get-alias --function-name pay --name live --query AliasArn --output text)
aws events put-rule --name pay-nightly --schedule-expression 'cron(0 3 * * ? *)' --output off
aws lambda add-permission --function-name pay --qualifier live --statement-id nightly --action lambda:InvokeFunction \
  --principal events.amazonaws.com --output off
aws events put-targets --rule pay-nightly --targets "Id=pay,Arn=$LIVE" --output off
aws events list-targets-by-rule --rule pay-nightly --query 'Targets[].Arn' --output text
