#!/bin/bash
# rollback.sh: send everything back to the version before the release
set -euo pipefail
FN=pay
ALIAS=live
STABLE=$(aws lambda get-alias --function-name "$FN" --name "$ALIAS" --query FunctionVersion --output text)
echo "rolling $FN back to version $STABLE"
aws lambda update-alias --function-name "$FN" --name "$ALIAS" --function-version "$STABLE" >/dev/null
echo "done: $ALIAS serves version $STABLE"
