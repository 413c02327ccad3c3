#!/bin/bash
# It deletes versions by number, a function that was made for the test, and a branch's functions by their prefix.
# given: pay 3
# also: create-function --function-name branch-7-pay --runtime python3.13 --handler app.handler --role arn:aws:iam::123456789012:role/pay --zip-file fileb://one.zip
# finds: nothing
set -euo pipefail
PREFIX=branch-7-
for OLD in $(aws lambda list-versions-by-function --function-name pay --query 'Versions[?Version==`1`].Version' --output text); do
  aws lambda delete-function --function-name pay --qualifier "$OLD"
done
aws lambda create-function --function-name try-pay --runtime python3.13 --handler app.handler \
  --role arn:aws:iam::123456789012:role/pay --zip-file fileb://two.zip >/dev/null
trap 'aws lambda delete-function --function-name try-pay' EXIT
aws lambda wait function-active-v2 --function-name try-pay
aws lambda invoke --function-name try-pay out.json >/dev/null
for NAME in $(aws lambda list-functions --query "Functions[?starts_with(FunctionName, '${PREFIX:?}')].FunctionName" --output text); do
  aws lambda delete-function --function-name "$NAME"
done
