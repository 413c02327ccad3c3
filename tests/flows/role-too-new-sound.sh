#!/bin/bash
# The call is repeated until Lambda knows the role.
# given: pay 1
# finds: nothing
set -euo pipefail
trust='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
aws iam create-role --role-name fresh --assume-role-policy-document "$trust" >/dev/null
for try in 1 2 3 4 5; do
  aws lambda create-function --function-name fresh --runtime python3.13 --handler app.handler \
    --role arn:aws:iam::123456789012:role/fresh --zip-file fileb://one.zip >/dev/null && break
  sleep 5
done
aws lambda wait function-active-v2 --function-name fresh
