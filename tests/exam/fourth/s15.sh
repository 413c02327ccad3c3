#!/bin/bash
# teardown.sh: take the preview environment away, whatever of it is there
FN=${1:-pay}
aws lambda delete-function --function-name "$FN" 2>/dev/null || true
aws logs delete-log-group --log-group-name "/aws/lambda/$FN" 2>/dev/null || true
aws events remove-targets --rule "$FN-nightly" --ids 1 >/dev/null 2>&1 || true
aws events delete-rule --name "$FN-nightly" 2>/dev/null || true
echo "removed $FN"
