#!/bin/bash
set -euo pipefail
FN=pay
SID=events-nightly
if aws lambda get-policy --function-name "$FN" --query Policy --output text 2>/dev/null | grep -q "\"$SID\""; then
  echo "permission exists"
else
  aws lambda add-permission --function-name "$FN" --statement-id "$SID" --action lambda:InvokeFunction \
    --principal events.amazonaws.com --source-arn arn:aws:events:eu-west-1:123456789012:rule/nightly >/dev/null
fi
