#!/bin/bash
set -euo pipefail
OLD=$(aws lambda get-alias --function-name pay --name live --query FunctionVersion --output text)
V=$(aws lambda update-function-code --function-name pay --zip-file fileb://two.zip --publish --query Version --output text)
aws lambda wait function-updated-v2 --function-name pay
aws lambda wait published-version-active --function-name pay --qualifier "$V"
aws lambda update-alias --function-name pay --name live --function-version "$V" >/dev/null
aws lambda delete-function --function-name pay --qualifier "$OLD"
