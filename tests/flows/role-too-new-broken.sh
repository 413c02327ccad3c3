#!/bin/bash
# The function is created right after its role.
# given: pay 1
# finds: warning role-too-new 8
set -euo pipefail
trust='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
aws iam create-role --role-name fresh --assume-role-policy-document "$trust" >/dev/null
aws lambda create-function --function-name fresh --runtime python3.13 --handler app.handler \
  --role arn:aws:iam::123456789012:role/fresh --zip-file fileb://one.zip >/dev/null
aws lambda wait function-active-v2 --function-name fresh
