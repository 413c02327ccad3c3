#!/bin/bash
# Flow E: it repeats the publish until it succeeds.
# given: pay 1
# finds: nothing
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
TRIES=0
until NEW=$(aws lambda publish-version --function-name pay --query Version --output text 2>error.txt); do
  grep -q ResourceConflictException error.txt
  TRIES=$((TRIES + 1))
  [ "$TRIES" -lt 10 ]
  sleep 1
done
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
