#!/bin/bash
set -uo pipefail
FN=pay

retry_on_conflict() {
  local attempt=1 out
  until out=$("$@" 2>&1); do
    if [[ $out != *ResourceConflictException* ]] || (( attempt >= 8 )); then
      echo "$out" >&2
      return 1
    fi
    echo "conflict, attempt $attempt" >&2
    sleep $(( attempt * 2 ))
    attempt=$(( attempt + 1 ))
  done
  printf '%s\n' "$out"
}

retry_on_conflict aws lambda update-function-code --function-name "$FN" --zip-file fileb://two.zip >/dev/null || exit 1
retry_on_conflict aws lambda update-function-configuration --function-name "$FN" --memory-size 256 >/dev/null || exit 1
VERSION=$(retry_on_conflict aws lambda publish-version --function-name "$FN" --query Version --output text) || exit 1
retry_on_conflict aws lambda update-alias --function-name "$FN" --name live --function-version "$VERSION" >/dev/null || exit 1
