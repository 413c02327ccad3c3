#!/bin/bash
# The option is --name: the line is refused before anything is asked, and the alias is never there.
# given: pay 2
# finds: warning not-understood 6
set -euo pipefail
if aws lambda get-alias --function-name pay --alias live >/dev/null 2>&1; then
  echo "live is there"
else
  echo "there is no live"
fi
