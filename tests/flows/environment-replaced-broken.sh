#!/bin/bash
# One variable is set, which removes the others.
# given: pay 1
# also: update-function-configuration --function-name pay --environment Variables={DB=x,KEY=y,BUILD=1}
# finds: warning environment-replaced 7
set -euo pipefail
aws lambda update-function-configuration --function-name pay --environment "Variables={BUILD=2}" >/dev/null
aws lambda wait function-updated-v2 --function-name pay
