#!/bin/bash
# An ERR trap that ends the script, and one that returns.
r() {
  trap 'echo returning; trap - ERR; return 5' ERR
  false # fires
  echo never
}
r # fires
echo "returned $?"
trap 'echo "failed: $BASH_COMMAND" >&2; exit 42' ERR
trap 'echo exit $?' EXIT
false # fires
echo never
