#!/bin/bash
# The newest version is chosen by its number, and the rollback goes to the version that the alias had.
# given: pay 9
# finds: nothing
set -euo pipefail
OLD=$(aws lambda get-alias --function-name pay --name live --query FunctionVersion --output text)
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
aws lambda publish-version --function-name pay >/dev/null
NEWEST=$(aws lambda list-versions-by-function --function-name pay --query 'Versions[].Version' --output text |
  tr '\t' '\n' | grep -v LATEST | sort -n | tail -n 1)
aws lambda update-alias --function-name pay --name live --function-version "$NEWEST" >/dev/null
aws lambda invoke --function-name pay:live out.json >/dev/null
grep -q null out.json && aws lambda update-alias --function-name pay --name live --function-version "$OLD" >/dev/null
