#!/bin/bash
set -eu
SERVICES="orders invoices mails"

for s in $SERVICES; do
  aws lambda update-function-code --function-name "$s" --zip-file fileb://two.zip --query FunctionName --output text
done

aws lambda wait function-updated --function-name orders

for s in $SERVICES; do
  v=$(aws lambda publish-version --function-name "$s" --query Version --output text)
  echo "$s: $v"
done
