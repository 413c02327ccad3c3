#!/bin/bash
# Code, settings, version and alias are changed in this order. A later description on $LATEST does no harm.
# given: pay 2
# finds: nothing
set -euo pipefail
FUNCTION=pay
aws lambda update-function-code --function-name "$FUNCTION" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated --function-name "$FUNCTION"
aws lambda update-function-configuration --function-name "$FUNCTION" --timeout 60 --memory-size 256 >/dev/null
aws lambda wait function-updated --function-name "$FUNCTION"
NEW=$(aws lambda publish-version --function-name "$FUNCTION" --query Version --output text)
aws lambda update-alias --function-name "$FUNCTION" --name live --function-version "$NEW" >/dev/null
aws lambda update-function-configuration --function-name "$FUNCTION" --description "after $NEW" >/dev/null
