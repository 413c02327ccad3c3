#!/bin/bash
set -e
CURRENT=$(aws lambda get-alias --function-name pay --name live --query FunctionVersion --output text)
PREVIOUS=$((CURRENT - 1))
echo "rolling back from $CURRENT to $PREVIOUS"
aws lambda update-alias --function-name pay --name live --function-version $PREVIOUS > /dev/null
