#!/bin/bash
set -euo pipefail
FN=resizer
aws iam create-role --role-name "$FN" --assume-role-policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}' >/dev/null
aws iam attach-role-policy --role-name "$FN" --policy-arn arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
sleep 10
ROLE=$(aws iam get-role --role-name "$FN" --query Role.Arn --output text)
aws lambda create-function --function-name "$FN" --runtime python3.13 --handler app.handler --role "$ROLE" \
  --zip-file fileb://one.zip --timeout 30 --environment 'Variables={BUCKET=images}' --publish >/dev/null
aws lambda wait function-active-v2 --function-name "$FN"
aws lambda create-alias --function-name "$FN" --name live --function-version 1 >/dev/null
