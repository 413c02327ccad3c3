#!/bin/bash
set -euo pipefail
FN=pay
aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name "$FN"
read -r revision sha < <(aws lambda get-function-configuration --function-name "$FN" --query '[RevisionId,CodeSha256]' --output text)
V=$(aws lambda publish-version --function-name "$FN" --revision-id "$revision" --code-sha256 "$sha" --query Version --output text)
aws lambda update-alias --function-name "$FN" --name live --function-version "$V" >/dev/null
