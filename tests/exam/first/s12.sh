#!/bin/bash
set -euo pipefail
name="it-$$"
trap 'aws lambda delete-function --function-name "$name" >/dev/null' EXIT
aws lambda create-function --function-name "$name" --runtime python3.13 --handler app.handler --role arn:aws:iam::123456789012:role/x --zip-file fileb://one.zip --publish >/dev/null
aws lambda wait function-active-v2 --function-name "$name"
aws lambda create-alias --function-name "$name" --name t --function-version 1 >/dev/null
aws lambda invoke --function-name "$name:t" out.json >/dev/null
