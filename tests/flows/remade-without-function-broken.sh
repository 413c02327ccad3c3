#!/bin/bash
# The function is deleted and made anew, and its alias went with it.
# given: pay 2
# finds: error remade-without 6
set -euo pipefail
aws lambda delete-function --function-name pay
aws lambda create-function --function-name pay --runtime python3.13 --handler app.handler \
  --role arn:aws:iam::123456789012:role/pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-active-v2 --function-name pay
