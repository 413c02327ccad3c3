#!/bin/bash
set -euo pipefail
ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
REGISTRY=$ACCOUNT.dkr.ecr.$AWS_REGION.amazonaws.com
REPO=thumbs
TAG=${GITHUB_SHA:-r7}
aws ecr describe-repositories --repository-names $REPO >/dev/null 2>&1 || aws ecr create-repository --repository-name $REPO >/dev/null
aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY" >/dev/null
docker tag thumbs:latest "$REGISTRY/$REPO:$TAG"
docker push "$REGISTRY/$REPO:$TAG" >/dev/null
if aws lambda get-function --function-name thumbs >/dev/null 2>&1; then
  aws lambda update-function-code --function-name thumbs --image-uri "$REGISTRY/$REPO:$TAG" >/dev/null
  aws lambda wait function-updated-v2 --function-name thumbs
else
  aws lambda create-function --function-name thumbs --package-type Image --code "ImageUri=$REGISTRY/$REPO:$TAG" \
    --role "arn:aws:iam::$ACCOUNT:role/thumbs" >/dev/null
  aws lambda wait function-active-v2 --function-name thumbs
fi
