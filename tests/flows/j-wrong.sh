#!/bin/bash
# Flow J, wrong: it uploads the same zip again, and expects the next version number.
# given: pay 1
# finds: warning publish-depends-on-aws 8
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://one.zip >/dev/null
aws lambda wait function-updated --function-name pay
VERSION=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version "$VERSION" >/dev/null
