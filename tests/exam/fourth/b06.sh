#!/bin/bash
set -euo pipefail
TRUST='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
aws iam create-role --role-name mailer --assume-role-policy-document "$TRUST" > /dev/null
aws iam attach-role-policy --role-name mailer --policy-arn arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole
aws iam wait role-exists --role-name mailer
sleep 10
ROLE=$(aws iam get-role --role-name mailer --query Role.Arn --output text)
aws lambda create-function --function-name mailer --runtime python3.13 --handler app.handler --role "$ROLE" --zip-file fileb://one.zip > /dev/null
aws lambda wait function-active-v2 --function-name mailer
