#!/bin/bash
FN=pay
mapfile -t versions < <(aws lambda list-versions-by-function --function-name "$FN" --query 'Versions[].Version' --output text | tr '\t' '\n' | grep -E '^[0-9]+$' | sort -n)
drop=$(( ${#versions[@]} - 2 ))
for (( i = 0; i < drop; i++ )); do
  if aws lambda delete-function --function-name "$FN" --qualifier "${versions[$i]}" 2> error.txt; then
    echo "deleted ${versions[$i]}"
  elif grep -q ResourceConflictException error.txt; then
    echo "${versions[$i]} is behind an alias, kept"
  else
    cat error.txt >&2
    exit 1
  fi
done
