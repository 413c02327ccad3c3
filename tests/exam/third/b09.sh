#!/bin/bash
set -euo pipefail
FN=pay
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated --function-name "$FN"
V=$(aws lambda publish-version --function-name "$FN" --query Version --output text)
ERROR=$(aws lambda invoke --function-name "$FN:live" --query FunctionError --output text out.json)
[ "$ERROR" = None ] || { echo "smoke test failed"; exit 1; }
aws lambda update-alias --function-name "$FN" --name live --function-version "$V" >/dev/null
