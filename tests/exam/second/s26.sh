#!/bin/bash
set -euo pipefail
FN=pay
want=$(aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip --dry-run --query CodeSha256 --output text)
have=$(aws lambda get-function-configuration --function-name "$FN" --query CodeSha256 --output text)
if [ "$want" = "$have" ]; then echo "nothing new"; exit 0; fi
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated --function-name "$FN"
