#!/usr/bin/env bash
set -euo pipefail
FN=pay
RULE=pay-nightly
ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
ARN="arn:aws:lambda:${AWS_REGION}:${ACCOUNT}:function:${FN}:live"
RULE_ARN=$(aws events put-rule --name "$RULE" --schedule-expression 'cron(0 3 * * ? *)' --query RuleArn --output text)
aws lambda add-permission --function-name "$FN" --statement-id "$RULE" --action lambda:InvokeFunction \
  --principal events.amazonaws.com --source-arn "$RULE_ARN" >/dev/null
aws events put-targets --rule "$RULE" --targets "Id=1,Arn=$ARN" >/dev/null
