#!/bin/bash
# The option should be --name. The line is refused before any request, so the alias is never found.
# given: pay 2
# finds: warning not-understood 6
set -euo pipefail
if aws lambda get-alias --function-name pay --alias live >/dev/null 2>&1; then
  echo "live is there"
else
  echo "there is no live"
fi
