#!/bin/bash
# Flow E, wrong: it saves $LATEST for the rollback, but $LATEST is the code that it has just uploaded.
# given: pay 3
# finds: error rollback-to-latest 13
set -euo pipefail
OLD=$(aws lambda get-function --function-name pay --query Configuration.Version --output text)
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
aws lambda invoke --function-name pay:live out.json >/dev/null
if ! grep -q no-such-text out.json; then
  aws lambda update-alias --function-name pay --name live --function-version "$OLD" >/dev/null
fi
