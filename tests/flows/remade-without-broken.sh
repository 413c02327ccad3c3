#!/bin/bash
# The alias is made anew, and the permission of the old one is gone.
# given: pay 2
# also: add-permission --function-name pay --qualifier live --statement-id api --action lambda:InvokeFunction --principal apigateway.amazonaws.com
# finds: error remade-without 10
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
version=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda delete-alias --function-name pay --name live
aws lambda create-alias --function-name pay --name live --function-version "$version" >/dev/null
