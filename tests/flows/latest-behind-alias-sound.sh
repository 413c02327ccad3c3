#!/bin/bash
# dev follows every upload, and prod gets a version.
# given: pay 1
# finds: nothing
set -euo pipefail
aws lambda create-alias --function-name pay --name dev --function-version '$LATEST' >/dev/null
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --description release --query Version --output text)
aws lambda create-alias --function-name pay --name prod --function-version "$NEW" >/dev/null
