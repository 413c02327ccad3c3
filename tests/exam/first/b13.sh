#!/bin/bash
set -uo pipefail
aws lambda put-function-concurrency --function-name pay --reserved-concurrent-executions 0 >/dev/null
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
./migrate.sh 2>/dev/null && aws lambda delete-function-concurrency --function-name pay
echo done
