#!/bin/bash
set -euo pipefail
aws lambda put-function-concurrency --function-name pay --reserved-concurrent-executions 0 >/dev/null
echo "paused"
