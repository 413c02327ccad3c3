#!/bin/bash
# The clean-up on EXIT also runs after a success, and deletes the alias that was just moved.
# given: pay 2
# finds: error deletes-more-than-asked 7
set -euo pipefail
cleanup() {
  aws lambda delete-alias --function-name pay --name live
}
trap cleanup EXIT
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
