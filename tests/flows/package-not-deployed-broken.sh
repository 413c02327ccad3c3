#!/bin/bash
# The function gets another object than the one that was uploaded.
# given: pay 1
# also: s3 mb s3://code
# also: s3 cp one.zip s3://code/pay/latest.zip
# finds: warning package-not-deployed 10
set -euo pipefail
key=pay/4f2a9c1.zip
aws s3 cp two.zip "s3://code/$key" --quiet
aws lambda update-function-code --function-name pay --s3-bucket code --s3-key pay/latest.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
