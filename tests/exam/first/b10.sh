#!/bin/bash
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated --function-name pay
V=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$V" >/dev/null
aws lambda invoke --function-name pay --payload '{"ping":true}' --cli-binary-format raw-in-base64-out out.json >/dev/null
if grep -q errorMessage out.json; then exit 1; fi
