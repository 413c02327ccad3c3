#!/bin/bash
# The table is used while it is being created. AWS refuses that, and the script ignores the refusal.
# given: nothing
# finds: error failure-ignored 7
aws dynamodb create-table --table-name pages --key-schema AttributeName=id,KeyType=HASH \
  --attribute-definitions AttributeName=id,AttributeType=S --billing-mode PAY_PER_REQUEST --output off
aws dynamodb update-time-to-live --table-name pages --time-to-live-specification Enabled=true,AttributeName=gone --output off
aws dynamodb wait table-exists --table-name pages
