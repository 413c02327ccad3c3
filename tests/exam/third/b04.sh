#!/bin/bash
FN=pay
aws lambda list-versions-by-function --function-name $FN | jq -r '.Versions[].Version' | head -n -2 | while read -r v; do
  echo "removing $v"
  aws lambda delete-function --function-name $FN --qualifier "$v"
done
echo "all old versions removed"
