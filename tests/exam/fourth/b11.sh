#!/bin/bash
set -euo pipefail
ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
ARN=arn:aws:lambda:$AWS_REGION:$ACCOUNT:function:pay
API=$(aws apigateway create-rest-api --name pay --query id --output text)
ROOT=$(aws apigateway get-resources --rest-api-id "$API" --query 'items[0].id' --output text)
URI="arn:aws:apigateway:$AWS_REGION:lambda:path/2015-03-31/functions/$ARN/invocations"
add_route() {
  local id
  id=$(aws apigateway create-resource --rest-api-id "$API" --parent-id "$ROOT" --path-part "$1" --query id --output text)
  aws apigateway put-method --rest-api-id "$API" --resource-id "$id" --http-method POST --authorization-type NONE >/dev/null
  aws apigateway put-integration --rest-api-id "$API" --resource-id "$id" --http-method POST --type AWS_PROXY \
    --integration-http-method POST --uri "$URI" >/dev/null
}
aws lambda add-permission --function-name pay --statement-id api --action lambda:InvokeFunction \
  --principal apigateway.amazonaws.com --source-arn "arn:aws:execute-api:$AWS_REGION:$ACCOUNT:$API/*" >/dev/null
add_route pay
aws apigateway create-deployment --rest-api-id "$API" --stage-name prod >/dev/null
add_route refund
echo "https://$API.execute-api.$AWS_REGION.amazonaws.com/prod/refund"
