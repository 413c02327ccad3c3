#!/bin/bash
# With DEBUG and RETURN traps, the rehearsal sets no trap of its own.
trap 'echo "debug: $BASH_COMMAND"' DEBUG
false
f() { trap 'echo return' RETURN; false; }
f
trap -p
trap - DEBUG
trap 'echo own' ERR
false
trap
echo "$-"
set -o | grep errtrace
