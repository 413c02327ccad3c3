#!/bin/bash
# Flow E: it polls for the update, and makes the alias if it is missing.
# given: pay 1
# finds: nothing
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
until [ "$(aws lambda get-function --function-name pay --query 'Configuration.[State,LastUpdateStatus]' \
  --output text)" = "Active	Successful" ]; do
  sleep 1
done
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name beta --function-version "$NEW" >/dev/null 2>&1 ||
  aws lambda create-alias --function-name pay --name beta --function-version "$NEW" >/dev/null
