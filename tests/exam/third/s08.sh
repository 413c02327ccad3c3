#!/bin/bash
set -euo pipefail
aws lambda put-function-concurrency --function-name pay --reserved-concurrent-executions 5 --query ReservedConcurrentExecutions --output text
aws lambda update-function-configuration --function-name pay --timeout 25 --query LastUpdateStatus --output text
for i in {1..20}; do
  [ "$(aws lambda get-function-configuration --function-name pay --query LastUpdateStatus --output text)" = Successful ] && exit 0
  sleep 3
done
exit 1
