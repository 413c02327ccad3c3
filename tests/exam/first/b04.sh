#!/bin/bash
set -euo pipefail
SHA=abc123
cat > env.json <<JSON
{"Variables": {"GIT_SHA": "$SHA"}}
JSON
aws lambda update-function-configuration --function-name pay --environment file://env.json > /dev/null
aws lambda wait function-updated --function-name pay
