#!/bin/bash
# comm needs the order of text, and a later sort compares numbers.
# given: pay 12
# finds: nothing
set -euo pipefail
live=$(aws lambda get-alias --function-name pay --name live --query FunctionVersion --output text)
newest=$(comm -23 <(aws lambda list-versions-by-function --function-name pay --query 'Versions[?Version!=`$LATEST`].[Version]' --output text | sort) <(echo "$live") | sort -n | tail -1)
aws lambda list-versions-by-function --function-name pay --query 'Versions[?Version!=`$LATEST`].[Version]' --output text | sort | uniq | sort -n | tail -1
aws lambda update-alias --function-name pay --name live --function-version "$newest" >/dev/null
