#!/bin/bash
# Flow B, wrong: it sleeps instead of waiting for the update.
# given: pay 1
# finds: warning race-after-update 9
set -euo pipefail
NAME=pay
aws lambda update-function-code --function-name "$NAME" --zip-file fileb://two.zip >/dev/null
sleep 10
aws lambda update-function-configuration --function-name "$NAME" --timeout 30 >/dev/null
