#!/bin/bash
# It reads all variables, changes one, and sets all of them.
# given: pay 1
# also: update-function-configuration --function-name pay --environment Variables={DB=x,KEY=y,BUILD=1}
# finds: nothing
set -euo pipefail
OLD=$(aws lambda get-function-configuration --function-name pay --query Environment.Variables --output json)
NEW=$(python3 -c 'import json,sys; v=json.loads(sys.argv[1]); v["BUILD"]="2"; print(json.dumps({"Variables": v}))' "$OLD")
aws lambda update-function-configuration --function-name pay --environment "$NEW" >/dev/null
aws lambda wait function-updated-v2 --function-name pay
