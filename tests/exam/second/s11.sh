#!/bin/bash
set -e
FN=thumbnails
aws lambda update-function-code --function-name $FN --zip-file fileb://one.zip 2>/dev/null \
  || aws lambda create-function --function-name $FN --runtime nodejs22.x --handler index.handler \
       --role arn:aws:iam::123456789012:role/thumbs --zip-file fileb://one.zip
aws lambda wait function-active-v2 --function-name $FN
aws lambda wait function-updated-v2 --function-name $FN
