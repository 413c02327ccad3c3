#!/bin/bash
set -euo pipefail
BUCKET=acme-uploads
ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
aws s3 mb "s3://$BUCKET" >/dev/null
aws lambda remove-permission --function-name pay --statement-id s3-uploads 2>/dev/null || true
aws lambda add-permission --function-name pay --statement-id s3-uploads --action lambda:InvokeFunction \
  --principal s3.amazonaws.com --source-arn "arn:aws:s3:::$BUCKET" --source-account "$ACCOUNT" >/dev/null
FN_ARN=$(aws lambda get-function --function-name pay --query Configuration.FunctionArn --output text)
aws s3api put-bucket-notification-configuration --bucket "$BUCKET" --notification-configuration \
  "{\"LambdaFunctionConfigurations\": [{\"LambdaFunctionArn\": \"$FN_ARN\", \"Events\": [\"s3:ObjectCreated:*\"]}]}"
