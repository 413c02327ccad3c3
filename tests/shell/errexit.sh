#!/bin/bash
# `set -e` ends it as ever, and EXIT traps run.
set -euo pipefail
trap 'echo "bye $?"; rm -f left' EXIT
touch left kept
true && false || echo handled
f() { false; echo "still here"; }
f || true
if ! f; then echo never; fi
echo "${unset_one:-default}"
false | true || echo piped
x=$(false) || echo "assigned $?"
false # fires
echo never
