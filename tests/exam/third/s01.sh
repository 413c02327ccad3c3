#!/bin/bash
set -euo pipefail
LOCK=/tmp/lock-$$
mkdir "$LOCK"
trap 'rmdir "$LOCK"' EXIT
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip > answer.json
aws lambda wait function-updated --function-name pay
V=$(aws lambda publish-version --function-name pay --output text --query '[Version, CodeSha256]' | awk '{print $1}')
aws lambda update-alias --function-name pay --name live --function-version "$V" --output off
