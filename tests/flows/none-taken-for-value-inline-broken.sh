#!/bin/bash
# The answer stands in the call itself, in quotes.
# given: pay 1
# finds: error none-taken-for-value 5
aws lambda update-function-configuration --function-name pay --environment "Variables={TABLE="$(aws lambda get-function-configuration --function-name pay --query Environment.Variables.TABLE --output text)"}" >/dev/null
aws lambda wait function-updated-v2 --function-name pay
