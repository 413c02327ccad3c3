#!/bin/bash
# The package still has app.py, but the handler already names a file of the next package.
# given: pay 1
# finds: error handler-not-in-package 8
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
aws lambda update-function-configuration --function-name pay --handler main.handler >/dev/null
aws lambda wait function-updated-v2 --function-name pay
