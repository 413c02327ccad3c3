#!/bin/bash
# Each change is followed by a deployment.
# given: pay 1
# finds: nothing
set -euo pipefail
api=$(aws apigateway create-rest-api --name pay --query id --output text)
root=$(aws apigateway get-resources --rest-api-id "$api" --query 'items[0].id' --output text)
for method in GET PUT; do
  of=(--rest-api-id "$api" --resource-id "$root" --http-method "$method")
  aws apigateway put-method "${of[@]}" --authorization-type NONE >/dev/null
  aws apigateway put-integration "${of[@]}" --type MOCK >/dev/null
  aws apigateway create-deployment --rest-api-id "$api" --stage-name prod >/dev/null
done
