#!/usr/bin/env bash
set -eo pipefail

FUNCTION_NAME=pay
ARTIFACT=two.zip

log() { printf '[%s] %s\n' "$(basename "$0")" "$*" >&2; }

log "uploading $ARTIFACT"
aws lambda update-function-code \
  --function-name "$FUNCTION_NAME" \
  --zip-file "fileb://$ARTIFACT" \
  --query 'LastUpdateStatus' --output text

log "setting memory and timeout"
aws lambda update-function-configuration \
  --function-name "$FUNCTION_NAME" \
  --memory-size 512 \
  --timeout 20 \
  --query 'LastModified' --output text

log "done"
