#!/bin/bash
set -euo pipefail
aws lambda invoke --function-name pay --invocation-type Event --cli-binary-format raw-in-base64-out --payload '{"warm":true}' out.json --query StatusCode --output text
aws lambda get-function-concurrency --function-name pay --query ReservedConcurrentExecutions --output text
aws lambda get-account-settings --query AccountLimit.ConcurrentExecutions --output text
