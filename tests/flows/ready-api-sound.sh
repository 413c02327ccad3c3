#!/bin/bash
# An API in front of an alias: method, integration, permission, and then the deployment.
# given: pay 2
# finds: nothing
set -euo pipefail
LIVE=arn:aws:lambda:eu-west-1:123456789012:function:pay:live
API=$(aws apigatewayv2 create-api --name pay --protocol-type HTTP --query ApiId --output text)
INTEGRATION=$(aws apigatewayv2 create-integration --api-id "$API" --integration-type AWS_PROXY \
  --integration-uri "$LIVE" --payload-format-version 2.0 --query IntegrationId --output text)
aws apigatewayv2 create-route --api-id "$API" --route-key 'POST /pay' --target "integrations/$INTEGRATION" --output off
aws lambda add-permission --function-name pay --qualifier live --statement-id "api-$API" --action lambda:InvokeFunction \
  --principal apigateway.amazonaws.com --source-arn "arn:aws:execute-api:eu-west-1:123456789012:$API/*/*/pay" --output off
aws apigatewayv2 create-stage --api-id "$API" --stage-name prod --auto-deploy --output off
aws apigatewayv2 get-apis --query "Items[?Name=='pay'].ApiEndpoint" --output text
