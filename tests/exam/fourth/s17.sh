#!/bin/bash
set -uo pipefail
FN=pay
retry() {
  local n out
  for n in 1 2 3 4 5 6; do
    if out=$("$@" 2>&1); then printf '%s\n' "$out"; return 0; fi
    case $out in *ResourceConflictException*|*TooManyRequestsException*) sleep $((n * 2)) ;; *) printf '%s\n' "$out" >&2; return 1 ;; esac
  done
  return 1
}
retry aws lambda update-function-code --function-name $FN --zip-file fileb://two.zip >/dev/null || exit 1
retry aws lambda update-function-configuration --function-name $FN --memory-size 512 >/dev/null || exit 1
VERSION=$(retry aws lambda publish-version --function-name $FN --query Version --output text) || exit 1
retry aws lambda update-alias --function-name $FN --name live --function-version "$VERSION" >/dev/null || exit 1
