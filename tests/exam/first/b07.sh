#!/bin/bash
set -eo pipefail
create_or_update() {
  if aws lambda get-function --function-name "$1" 2>&1 | grep -q ResourceNotFoundException; then
    aws lambda create-function --function-name "$1" --runtime python3.13 --handler app.handler --role arn:aws:iam::123456789012:role/x --zip-file fileb://one.zip
  else
    aws lambda update-function-code --function-name "$1" --zip-file fileb://one.zip
  fi
}
create_or_update mailer
