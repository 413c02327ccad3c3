#!/bin/bash
# Flow I: it deletes all versions except the newest three and those that an alias uses.
# given: pay 12
# finds: nothing
set -euo pipefail
for NAME in $(aws lambda list-functions --query 'Functions[].FunctionName' --output text); do
  USED=$(aws lambda list-aliases --function-name "$NAME" --query 'Aliases[].FunctionVersion' --output text)
  aws lambda list-versions-by-function --function-name "$NAME" --query 'Versions[].Version' --output text |
    tr '\t' '\n' | grep -v LATEST | sort -rn | awk 'NR > 3' | while read -r VERSION; do
      case " $USED " in *" $VERSION "*) continue ;; esac
      aws lambda delete-function --function-name "$NAME" --qualifier "$VERSION"
    done
done
