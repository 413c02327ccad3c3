#!/bin/bash
# Flow D, wrong: the query for the newest version is applied to each page.
# given: nothing
# finds: error query-on-each-page 11
set -euo pipefail
for FILE in one two; do
  aws lambda publish-layer-version --layer-name tools --zip-file "fileb://$FILE.zip" >/dev/null
  # Half a year later there is more than a page of versions.
  aws lambda publish-layer-version --layer-name tools --zip-file "fileb://$FILE.zip" >/dev/null
done
LATEST=$(aws lambda list-layer-versions --layer-name tools --page-size 2 \
  --query 'LayerVersions[0].Version' --output text)
[ "$LATEST" != 4 ]
