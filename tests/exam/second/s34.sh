#!/bin/bash
set -euo pipefail
FN=pay
ARN=$(aws lambda get-function --function-name "$FN" --query Configuration.FunctionArn --output text)
aws lambda tag-resource --resource "$ARN" --tags "team=payments,deployed-by=ci"
aws lambda untag-resource --resource "$ARN" --tag-keys owner
aws lambda list-tags --resource "$ARN" --output table
