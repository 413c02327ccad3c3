#!/bin/bash
# Flow C2, wrong: it waits only until the function exists, and calls the function while it is Pending.
# given: nothing
# exits: 254
# finds: error race-after-update 10
set -euo pipefail
aws lambda create-function --function-name new --runtime python3.13 --handler app.handler \
  --role arn:aws:iam::123456789012:role/pay --zip-file fileb://one.zip >/dev/null
aws lambda wait function-exists --function-name new
aws lambda invoke --function-name new out.json >/dev/null
