#!/bin/bash
set -euo pipefail
FN_ARN=$(aws lambda get-function-configuration --function-name pay --query FunctionArn --output text)
SCHEDULE="${SCHEDULE:-0 6 * * 1-5}"
RULE_ARN=$(aws events put-rule --name pay-report --schedule-expression "cron($SCHEDULE)" --state ENABLED --query RuleArn --output text)
aws lambda add-permission --function-name pay --statement-id pay-report --action lambda:InvokeFunction \
  --principal events.amazonaws.com --source-arn "$RULE_ARN" >/dev/null
aws events put-targets --rule pay-report --targets "Id=pay,Arn=$FN_ARN" >/dev/null
