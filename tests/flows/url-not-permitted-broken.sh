#!/bin/bash
# The URL is on the alias, but the permission is on the function.
# given: pay 1
# finds: error url-not-permitted 6
set -euo pipefail
aws lambda create-function-url-config --function-name pay --qualifier live --auth-type NONE >/dev/null
aws lambda add-permission --function-name pay --statement-id url --action lambda:InvokeFunctionUrl \
  --principal '*' --function-url-auth-type NONE >/dev/null
