#!/bin/bash
# The URL and both permissions are on the alias.
# given: pay 1
# finds: nothing
set -euo pipefail
aws lambda create-function-url-config --function-name pay --qualifier live --auth-type NONE >/dev/null
aws lambda add-permission --function-name pay --qualifier live --statement-id url --action lambda:InvokeFunctionUrl \
  --principal '*' --function-url-auth-type NONE >/dev/null
aws lambda add-permission --function-name pay --qualifier live --statement-id call --action lambda:InvokeFunction \
  --principal '*' --invoked-via-function-url >/dev/null
