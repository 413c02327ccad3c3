#!/bin/bash
# A static site: pages go up, the cache is dropped, and the script waits until it is.
# given: nothing
# also: s3 mb s3://pay-site
# finds: nothing
set -euo pipefail
mkdir -p site
echo hello >site/index.html
aws s3 sync site s3://pay-site --no-progress
ID=$(aws cloudfront create-invalidation --distribution-id E2QWRUHAPOMQZL --paths '/*' \
  --query Invalidation.Id --output text)
aws cloudfront wait invalidation-completed --distribution-id E2QWRUHAPOMQZL --id "$ID"
