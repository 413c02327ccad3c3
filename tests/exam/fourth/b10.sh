#!/bin/bash
set -euo pipefail
FN=pay
ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
FN_ARN="arn:aws:lambda:$AWS_REGION:$ACCOUNT:function:$FN"
API_ID=$(aws apigatewayv2 create-api --name pay-http --protocol-type HTTP --query ApiId --output text)
INTEGRATION=$(aws apigatewayv2 create-integration --api-id "$API_ID" --integration-type AWS_PROXY \
  --integration-uri "$FN_ARN" --payload-format-version 2.0 --query IntegrationId --output text)
aws apigatewayv2 create-route --api-id "$API_ID" --route-key 'POST /pay' --target "integrations/$INTEGRATION" >/dev/null
aws apigatewayv2 create-stage --api-id "$API_ID" --stage-name '$default' --auto-deploy >/dev/null
echo "https://$API_ID.execute-api.$AWS_REGION.amazonaws.com/pay"
