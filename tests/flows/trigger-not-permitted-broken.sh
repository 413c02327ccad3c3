#!/bin/bash
# The rule's target is the alias, but the permission is on the function.
# given: pay 1
# finds: error trigger-not-permitted 9
set -euo pipefail
aws events put-rule --name nightly --schedule-expression 'rate(1 day)' >/dev/null
aws lambda add-permission --function-name pay --statement-id nightly --action lambda:InvokeFunction \
  --principal events.amazonaws.com >/dev/null
aws events put-targets --rule nightly \
  --targets "Id=pay,Arn=$(aws lambda get-alias --function-name pay --name live --query AliasArn --output text)" >/dev/null
