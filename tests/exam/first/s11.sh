#!/bin/bash
set -euo pipefail
aws lambda create-function-url-config --function-name pay --auth-type AWS_IAM >/dev/null
aws lambda add-permission --function-name pay --statement-id api --action lambda:InvokeFunction --principal apigateway.amazonaws.com >/dev/null 2>&1 || true
aws lambda add-permission --function-name pay --statement-id api --action lambda:InvokeFunction --principal apigateway.amazonaws.com >/dev/null 2>&1 || true
