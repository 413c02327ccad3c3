#!/bin/bash
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip || exit 1
until [ "$(aws lambda get-function-configuration --function-name pay --query LastUpdateStatus --output text)" = Successful ]; do sleep 1; done
aws lambda update-function-configuration --function-name pay --timeout 20 || exit 1
