#!/bin/bash
set -euo pipefail
aws lambda update-function-configuration --function-name pay --environment 'Variables={AA=1,BB=3,CC=4}' >/dev/null
aws lambda wait function-updated-v2 --function-name pay
V=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$V" >/dev/null
