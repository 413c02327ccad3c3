#!/bin/bash
set -euo pipefail
for a in $(aws lambda list-aliases --function-name pay --query 'Aliases[].Name' --output text); do
  aws lambda delete-alias --function-name pay --name "$a"
done
aws lambda delete-function --function-name pay
