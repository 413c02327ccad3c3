#!/bin/bash
# Calls are stopped for the release, and allowed again only after a test, which fails.
# given: pay 2
# exits: 2
# finds: error left-throttled 7
set -euo pipefail
aws lambda put-function-concurrency --function-name pay --reserved-concurrent-executions 0 >/dev/null
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
grep -q ready migrations.log 2>/dev/null
aws lambda delete-function-concurrency --function-name pay
