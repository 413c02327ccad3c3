#!/bin/bash
# Only harmless calls are refused: a delete of a missing thing, and an update of an alias that is then created.
# given: pay 2
# finds: nothing
set -euo pipefail
FUNCTION=pay
aws lambda delete-alias --function-name "$FUNCTION" --name canary >/dev/null 2>&1 || true
aws lambda remove-permission --function-name "$FUNCTION" --statement-id old 2>/dev/null || true
aws lambda update-function-code --function-name "$FUNCTION" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name "$FUNCTION"
NEW=$(aws lambda publish-version --function-name "$FUNCTION" --query Version --output text)
aws lambda update-alias --function-name "$FUNCTION" --name staging --function-version "$NEW" >/dev/null 2>&1 ||
  aws lambda create-alias --function-name "$FUNCTION" --name staging --function-version "$NEW" >/dev/null
