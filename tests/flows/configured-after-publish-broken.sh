#!/bin/bash
# The timeout is raised after the version was published, so calls of live never get the new timeout.
# given: pay 2
# finds: error configured-after-publish 9
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated --function-name pay
NEW=$(aws lambda publish-version --function-name pay | python3 -c 'import json,sys; print(json.load(sys.stdin)["Version"])')
aws lambda update-function-configuration --function-name pay --timeout 60 >/dev/null
aws lambda wait function-updated --function-name pay
aws lambda update-alias --function-name pay --name live --function-version "$NEW" >/dev/null
