#!/bin/bash
# The assignment is quoted, and None becomes the name of the table.
# given: pay 1
# finds: error none-taken-for-value 6
table="$(aws lambda get-function-configuration --function-name pay --query Environment.Variables.TABLE --output text)"
aws lambda update-function-configuration --function-name pay --environment "Variables={TABLE=$table}" >/dev/null
aws lambda wait function-updated-v2 --function-name pay
