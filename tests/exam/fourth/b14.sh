#!/bin/bash
set -euo pipefail
mkdir -p bin
printf '\177ELF' > bin/main && chmod +x bin/main
zip -qj main.zip bin/main
if aws lambda get-function --function-name orders >/dev/null 2>&1; then
  aws lambda update-function-code --function-name orders --zip-file fileb://main.zip >/dev/null
else
  aws lambda create-function --function-name orders --runtime provided.al2023 --handler main \
    --role arn:aws:iam::123456789012:role/orders --zip-file fileb://main.zip >/dev/null
fi
aws lambda wait function-updated-v2 --function-name orders
