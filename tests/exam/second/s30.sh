#!/bin/bash
set -euo pipefail
FN=pay
ALIAS="pr-482"
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated --function-name "$FN"
V=$(aws lambda publish-version --function-name "$FN" --query Version --output text)
aws lambda create-alias --function-name "$FN" --name "$ALIAS" --function-version "$V" >/dev/null
cleanup() {
  aws lambda delete-alias --function-name "$FN" --name "$ALIAS" || true
  aws lambda delete-function --function-name "$FN" --qualifier "$V" || true
}
trap cleanup EXIT
aws lambda invoke --function-name "$FN" --qualifier "$ALIAS" result.json >/dev/null
