#!/bin/bash
set -e
FN=pay
aws lambda update-function-code --function-name $FN --zip-file fileb://two.zip --publish > /dev/null
aws lambda wait function-updated-v2 --function-name $FN
V=$(aws lambda list-versions-by-function --function-name $FN --query 'Versions[-1].Version' --output text)
aws lambda update-function-configuration --function-name $FN --memory-size 1024 --timeout 15 > /dev/null
aws lambda wait function-updated-v2 --function-name $FN
aws lambda update-alias --function-name $FN --name live --function-version "$V" > /dev/null
