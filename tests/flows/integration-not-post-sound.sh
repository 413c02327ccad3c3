#!/bin/bash
# The callers use GET, and the gateway calls the function with POST.
# given: pay 1
# finds: nothing
set -euo pipefail
arn=$(aws lambda get-function-configuration --function-name pay --query FunctionArn --output text)
uri=arn:aws:apigateway:$AWS_REGION:lambda:path/2015-03-31/functions/$arn/invocations
api=$(aws apigateway create-rest-api --name pay --query id --output text)
root=$(aws apigateway get-resources --rest-api-id "$api" --query 'items[0].id' --output text)
method=(--rest-api-id "$api" --resource-id "$root" --http-method GET)
aws apigateway put-method "${method[@]}" --authorization-type NONE >/dev/null
aws apigateway put-integration "${method[@]}" --type AWS_PROXY --integration-http-method POST --uri "$uri" >/dev/null
aws lambda add-permission --function-name pay --statement-id api --action lambda:InvokeFunction \
  --principal apigateway.amazonaws.com >/dev/null
aws apigateway create-deployment --rest-api-id "$api" --stage-name prod >/dev/null
