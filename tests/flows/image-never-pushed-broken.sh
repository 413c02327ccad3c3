#!/bin/bash
# The build fails, the script goes on, and the new repository stays empty.
# given: pay 1
# finds: error image-never-pushed 8
set -euo pipefail
uri=$(aws ecr create-repository --repository-name app --query repository.repositoryUri --output text)
false && docker push "$uri:1" || echo "the image is there, surely"
aws lambda create-function --function-name image --package-type Image --code ImageUri="$uri:1" \
  --role arn:aws:iam::123456789012:role/r >/dev/null
