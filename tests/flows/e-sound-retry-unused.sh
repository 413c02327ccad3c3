#!/bin/bash
# Flow E: loops that would try again but never need to, because the update was done long before.
# given: pay 2
# finds: nothing
set -euo pipefail
retry() {
  for _ in 1 2 3 4 5; do
    "$@" && return
    sleep 2
  done
  return 1
}
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
sleep 30
until aws lambda update-function-configuration --function-name pay --timeout 9 >/dev/null; do sleep 2; done
sleep 30
NEW=$(retry aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
aws lambda update-function-configuration --function-name pay --description next >/dev/null
sleep 30
for _ in 1 2 3; do
  if aws lambda publish-version --function-name pay >/dev/null; then break; fi
  sleep 2
done
