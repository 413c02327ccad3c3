#!/usr/bin/env bash
set -euo pipefail
FN=pay
ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
RULE_ARN=$(aws events put-rule --name pay-nightly --schedule-expression 'cron(0 3 * * ? *)' --query RuleArn --output text)
aws lambda add-permission --function-name "$FN" --qualifier live --statement-id pay-nightly \
  --action lambda:InvokeFunction --principal events.amazonaws.com --source-arn "$RULE_ARN" >/dev/null
aws events put-targets --rule pay-nightly \
  --targets "Id=1,Arn=arn:aws:lambda:${AWS_REGION}:${ACCOUNT}:function:${FN}:live" >/dev/null
