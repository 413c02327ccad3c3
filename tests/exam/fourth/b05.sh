#!/bin/bash
set -euo pipefail
aws iam create-role --role-name report-role --assume-role-policy-document '{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}' >/dev/null
aws iam attach-role-policy --role-name report-role \
  --policy-arn arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
sleep 15
ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
aws lambda create-function --function-name report --runtime python3.13 --handler app.handler \
  --role "arn:aws:iam::$ACCOUNT:role/report-role" --zip-file fileb://one.zip >/dev/null
aws lambda wait function-active-v2 --function-name report
