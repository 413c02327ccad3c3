#!/bin/bash
# A static site: the script uploads pages, invalidates the cache, and waits until that is done.
# given: nothing
# also: s3 mb s3://pay-site
# also: cloudfront create-distribution --origin-domain-name pay-site.s3.amazonaws.com
# finds: nothing
set -euo pipefail
mkdir -p site
echo hello >site/index.html
aws s3 sync site s3://pay-site --no-progress
SITE=$(aws cloudfront list-distributions --query 'DistributionList.Items[0].Id' --output text)
ID=$(aws cloudfront create-invalidation --distribution-id "$SITE" --paths '/*' --query Invalidation.Id --output text)
aws cloudfront wait invalidation-completed --distribution-id "$SITE" --id "$ID"
