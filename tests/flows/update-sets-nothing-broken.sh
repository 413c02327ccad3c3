#!/bin/bash
# The options are built only if there is something to set. Nothing was, so the alias does not change.
# given: pay 2
# finds: error update-sets-nothing 11
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
OPTIONS=()
[ "${VERSION:-}" = "" ] || OPTIONS+=(--function-version "$NEW")
aws lambda update-alias --function-name pay --name live ${OPTIONS[@]+"${OPTIONS[@]}"} >/dev/null
