#!/bin/bash
# None is told from a value.
# given: pay 1
# finds: nothing
table=$(aws lambda get-function-configuration --function-name pay --query Environment.Variables.TABLE --output text)
[ "$table" != None ] || table=payments
aws lambda update-function-configuration --function-name pay --environment "Variables={TABLE=$table}" >/dev/null
aws lambda wait function-updated-v2 --function-name pay
