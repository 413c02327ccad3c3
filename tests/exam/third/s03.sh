#!/bin/bash
set -euo pipefail
jq -n --arg name mailer --arg role arn:aws:iam::123456789012:role/m '{
  FunctionName: $name, Runtime: "python3.13", Handler: "app.handler", Role: $role,
  Timeout: 20, Environment: {Variables: {SENDER: "a@example.com"}}, Tags: {team: "mail"}
}' > function.json
aws lambda create-function --cli-input-json file://function.json --zip-file fileb://one.zip --query State --output text
aws lambda wait function-active-v2 --function-name mailer
