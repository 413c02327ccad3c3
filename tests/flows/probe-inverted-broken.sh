#!/bin/bash
# With pipefail the pipe ends with 254 although grep finds the words, so the script updates a missing function.
# given: nothing
# exits: 254
# finds: error probe-inverted 7
set -euo pipefail
if aws lambda get-function --function-name fresh 2>&1 | grep -q 'Function not found'; then
  aws lambda create-function --function-name fresh --runtime python3.13 --handler app.handler \
    --role arn:aws:iam::123456789012:role/pay --zip-file fileb://one.zip >/dev/null
else
  aws lambda update-function-code --function-name fresh --zip-file fileb://one.zip >/dev/null
fi
