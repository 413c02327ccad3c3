#!/bin/bash
set -euo pipefail
aws lambda update-alias --function-name pay --name live --description "checked on call" --query Description --output text
aws lambda list-aliases --function-name pay --query 'Aliases[].{name: Name, version: FunctionVersion}' --output table
