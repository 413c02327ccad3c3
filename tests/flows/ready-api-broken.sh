#!/bin/bash
# The API is deployed before it has a route. The deployment is refused, and the script ignores that.
# given: pay 2
# finds: error failure-ignored 10
API=$(aws apigatewayv2 create-api --name pay --protocol-type HTTP --query ApiId --output text)
INTEGRATION=$(aws apigatewayv2 create-integration --api-id "$API" --integration-type AWS_PROXY \
  --integration-uri arn:aws:lambda:eu-west-1:123456789012:function:pay:live --query IntegrationId --output text)
aws lambda add-permission --function-name pay --qualifier live --statement-id api --action lambda:InvokeFunction \
  --principal apigateway.amazonaws.com --output off
aws apigatewayv2 create-deployment --api-id "$API" --output off
aws apigatewayv2 create-route --api-id "$API" --route-key 'POST /pay' --target "integrations/$INTEGRATION" --output off
