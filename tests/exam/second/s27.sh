#!/bin/bash
set -euo pipefail
FN=api
IMAGE=123456789012.dkr.ecr.eu-west-1.amazonaws.com/api
TAG=${1:-2.0.1}
aws lambda update-function-code --function-name "$FN" --image-uri "$IMAGE:$TAG" --query LastUpdateStatus --output text
aws lambda wait function-updated-v2 --function-name "$FN"
V=$(aws lambda publish-version --function-name "$FN" --description "$TAG" --query Version --output text)
aws lambda wait published-version-active --function-name "$FN" --qualifier "$V"
aws lambda update-alias --function-name "$FN" --name live --function-version "$V" >/dev/null
