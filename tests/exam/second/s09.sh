#!/bin/bash
set -euo pipefail
mkdir -p functions/orders functions/invoices functions/mails
for dir in functions/*/; do
  name=$(basename "$dir")
  echo "==> $name"
  aws lambda update-function-code --function-name "$name" --zip-file fileb://two.zip --publish --query Version --output text
  aws lambda wait function-updated --function-name "$name"
done
