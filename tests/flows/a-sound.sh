#!/bin/sh
# Flow A: upload the code and stop.
# given: pay 1
# finds: nothing
set -e
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
echo uploaded
