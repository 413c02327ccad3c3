#!/bin/bash
set -euo pipefail
main() {
  local fn=$1 zip=$2 version
  aws lambda update-function-code --function-name "$fn" --zip-file "fileb://$zip" --no-cli-pager >/dev/null
  aws lambda wait function-updated --function-name "$fn"
  version=$(aws lambda publish-version --function-name "$fn" --query Version --output text)
  aws lambda update-alias --function-name "$fn" --name live --function-version "$version" >/dev/null \
    || aws lambda create-alias --function-name "$fn" --name live --function-version "$version" >/dev/null
}
main "${1:-pay}" "${2:-two.zip}"
