#!/bin/bash
# The script tests the answer, and sets None by itself for another variable.
# given: pay 1
# finds: nothing
set -euo pipefail
table="$(aws lambda get-function-configuration --function-name pay --query Environment.Variables.TABLE --output text)"
if [ "$table" = None ]; then table=orders; fi
aws lambda update-function-configuration --function-name pay \
  --environment "Variables={TABLE=$table,COMPRESSION=None}" >/dev/null
aws lambda wait function-updated-v2 --function-name pay
