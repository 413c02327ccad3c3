#!/bin/bash
# The alias does not exist, the script ignores that, and its last line reports success.
# given: pay 2
# finds: error failure-ignored 9
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
NEW=$(aws lambda publish-version --function-name pay --query Version --output text)
for STAGE in staging; do
  aws lambda update-alias --function-name pay --name "$STAGE" --function-version "$NEW" >/dev/null
done
echo "released $NEW"
