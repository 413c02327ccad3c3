#!/bin/bash
set -euo pipefail
aws lambda list-versions-by-function --function-name pay --output json \
 | python3 -c 'import json,sys
v=[int(x["Version"]) for x in json.load(sys.stdin)["Versions"] if x["Version"]!="$LATEST"]
print("\n".join(map(str,sorted(v)[:-4])))' | while read -r v; do
  aws lambda delete-function --function-name pay --qualifier "$v"
done
