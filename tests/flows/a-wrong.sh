#!/bin/sh
# Flow A, wrong: the smoke test runs while the old code still answers.
# given: pay 1
# finds: error race-after-update 7
set -e
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda invoke --function-name pay out.json >/dev/null
