#!/bin/bash
set -euo pipefail
deploy_one() {
  aws lambda update-function-code --function-name "$1" --zip-file fileb://two.zip >/dev/null
  aws lambda wait function-updated --function-name "$1"
  echo "$1 done"
}
pids=()
for fn in orders invoices mails; do
  deploy_one "$fn" &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid"; done
