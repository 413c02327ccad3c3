#!/bin/bash
# Calls are stopped for the release, and a trap allows them again after success or failure.
# given: pay 2
# finds: nothing
set -euo pipefail
trap 'aws lambda delete-function-concurrency --function-name pay' EXIT
aws lambda put-function-concurrency --function-name pay --reserved-concurrent-executions 0 >/dev/null
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
