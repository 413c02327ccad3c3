#!/bin/bash
# `set -E`: the script's own trap is inherited.
set -Eeuo pipefail
trap 'echo "own: $? at $LINENO in ${FUNCNAME[0]:-main}"' ERR
inside() {
  false # fires
}
(inside; echo never) || echo handled
out=$(inside || echo looked)
echo "$out"
inside
echo never
