#!/bin/bash
set -euo pipefail
FN=pay
# nobody may call it while the code and the schema change
aws lambda put-function-concurrency --function-name "$FN" --reserved-concurrent-executions 0 >/dev/null
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name "$FN"
VERSION=$(aws lambda publish-version --function-name "$FN" --query Version --output text)
aws lambda update-alias --function-name "$FN" --name live --function-version "$VERSION" >/dev/null
echo "deployed version $VERSION"
