#!/bin/bash
# A version is published, but prod is created on $LATEST.
# given: pay 1
# finds: error latest-behind-alias 9
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
aws lambda publish-version --function-name pay --description release >/dev/null
aws lambda create-alias --function-name pay --name prod --function-version '$LATEST' >/dev/null
