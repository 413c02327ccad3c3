#!/bin/bash
set -euo pipefail
apply() {
  aws lambda update-function-configuration --function-name "$1" --memory-size "$2" --timeout "$3" >/dev/null
  aws lambda wait function-updated-v2 --function-name "$1"
}
apply pay 100 30
echo "configured"
