#!/bin/bash
# The new handler is another function in the existing file.
# given: pay 1
# finds: nothing
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
aws lambda update-function-configuration --function-name pay --handler app.other >/dev/null
aws lambda wait function-updated-v2 --function-name pay
