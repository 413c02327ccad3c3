#!/bin/bash
set -euo pipefail
FUNCTION_NAME=pay
aws lambda update-function-code --function-name "$FUNCTION_NAME" --zip-file fileb://two.zip >/dev/null
echo "waiting for $FUNCTION_NAME"
aws lambda wait function-active --function-name "$FUNCTION_NAME"
aws lambda update-function-configuration --function-name "$FUNCTION_NAME" \
  --description "release $(date +%F)" >/dev/null
