#!/bin/bash
# What cannot be kept apart is left alone.
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
