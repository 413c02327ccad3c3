#!/bin/bash
# Flow C, wrong: a new function is published before it is active.
# given: nothing
# exits: 254
# finds: error race-after-update 11
set -euo pipefail
if ! aws lambda get-function --function-name new >/dev/null 2>&1; then
  aws lambda create-function --function-name new --runtime python3.13 --handler app.handler \
    --role arn:aws:iam::123456789012:role/pay --zip-file fileb://one.zip >/dev/null
fi
aws lambda publish-version --function-name new >/dev/null
