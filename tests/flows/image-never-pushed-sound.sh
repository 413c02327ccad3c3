#!/bin/bash
# The image is pushed before the function is made.
# given: pay 1
# finds: nothing
set -euo pipefail
uri=$(aws ecr create-repository --repository-name app --query repository.repositoryUri --output text)
docker push "$uri:1" >/dev/null
aws lambda create-function --function-name image --package-type Image --code ImageUri="$uri:1" \
  --role arn:aws:iam::123456789012:role/r >/dev/null
aws lambda wait function-active-v2 --function-name image
