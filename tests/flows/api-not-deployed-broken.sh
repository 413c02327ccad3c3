#!/bin/bash
# The second method comes after the deployment.
# given: pay 1
# finds: error api-not-deployed 13
set -euo pipefail
api=$(aws apigateway create-rest-api --name pay --query id --output text)
root=$(aws apigateway get-resources --rest-api-id "$api" --query 'items[0].id' --output text)
of=(--rest-api-id "$api" --resource-id "$root")
aws apigateway put-method "${of[@]}" --http-method GET --authorization-type NONE >/dev/null
aws apigateway put-integration "${of[@]}" --http-method GET --type MOCK >/dev/null
aws apigateway create-deployment --rest-api-id "$api" --stage-name prod >/dev/null
aws apigateway put-method "${of[@]}" --http-method PUT --authorization-type NONE >/dev/null
aws apigateway put-integration "${of[@]}" --http-method PUT --type MOCK >/dev/null
