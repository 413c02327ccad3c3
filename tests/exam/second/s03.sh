#!/bin/bash
set -euo pipefail
FN=pay
ALIAS=live

current() { aws lambda get-alias --function-name "$FN" --name "$ALIAS" --query FunctionVersion --output text; }
point_to() { aws lambda update-alias --function-name "$FN" --name "$ALIAS" --function-version "$1" --query FunctionVersion --output text; }
healthy() {
  aws lambda invoke --function-name "$FN" --qualifier "$1" --cli-binary-format raw-in-base64-out \
    --payload '{"ping":1}' health.json --query FunctionError --output text | grep -qx None
}

BLUE=$(current)
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated --function-name "$FN"
GREEN=$(aws lambda publish-version --function-name "$FN" --query Version --output text)
if ! healthy "$GREEN"; then
  echo "green is sick, blue $BLUE stays" >&2
  exit 1
fi
point_to "$GREEN"
if ! healthy "$ALIAS"; then
  point_to "$BLUE"
  exit 1
fi
echo "$BLUE -> $GREEN"
