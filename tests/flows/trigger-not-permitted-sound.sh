#!/bin/bash
# The permission is on the alias, and names the rule.
# given: pay 1
# finds: nothing
set -euo pipefail
rule=$(aws events put-rule --name nightly --schedule-expression 'rate(1 day)' --query RuleArn --output text)
aws lambda add-permission --function-name pay --qualifier live --statement-id nightly --action lambda:InvokeFunction \
  --principal events.amazonaws.com --source-arn "$rule" >/dev/null
aws events put-targets --rule nightly \
  --targets "Id=pay,Arn=$(aws lambda get-alias --function-name pay --name live --query AliasArn --output text)" >/dev/null
