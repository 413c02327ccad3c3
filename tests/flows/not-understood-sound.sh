#!/bin/bash
# The service gets the request, and refuses it.
# given: pay 2
# finds: nothing
set -euo pipefail
if aws lambda get-alias --function-name pay --name staging >/dev/null 2>&1; then
  echo "staging is there"
else
  echo "there is no staging"
fi
