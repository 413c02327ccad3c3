#!/bin/bash
# Flow B, wrong: nothing waits between code and configuration, and the script ends there.
# given: pay 1
# exits: 254
# finds: error race-after-update 9
set -euo pipefail
NAME=pay
aws lambda update-function-code --function-name "$NAME" --zip-file fileb://two.zip >/dev/null
aws lambda update-function-configuration --function-name "$NAME" --timeout 30 >/dev/null
aws lambda wait function-updated --function-name "$NAME"
