#!/bin/bash
set -euo pipefail
BUCKET=acme-releases
KEY="pay/${GITHUB_SHA}.zip"
aws s3 cp two.zip "s3://$BUCKET/$KEY" --quiet
aws lambda update-function-code --function-name pay --s3-bucket "$BUCKET" --s3-key pay/latest.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
VERSION=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$VERSION" >/dev/null
