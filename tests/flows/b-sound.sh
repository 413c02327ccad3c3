#!/bin/bash
# Flow B: code, wait, configuration, wait, read something back.
# given: pay 1
# finds: nothing
set -euo pipefail
NAME=pay
aws lambda update-function-code --function-name "$NAME" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated --function-name "$NAME"
aws lambda update-function-configuration --function-name "$NAME" --timeout 30 \
  --environment "Variables={STAGE=prod}" >/dev/null
aws lambda wait function-updated --function-name "$NAME"
aws lambda get-function-configuration --function-name "$NAME" --query '[Timeout,MemorySize]' --output text
