#!/bin/bash
set -euo pipefail
aws lambda list-functions --query 'Functions[?starts_with(FunctionName, `shop-`)].FunctionName' --output text \
  | tr '\t' '\n' \
  | xargs -I{} aws lambda update-function-configuration --function-name {} --runtime python3.13 --query FunctionName --output text
