#!/bin/bash
# `$?`, `$_` and PIPESTATUS after a failure.
false a b # fires
echo "$? $_"
false one # fires
echo "$_"
true | false | (exit 3) | true
echo "${PIPESTATUS[@]}"
set -o pipefail
true | false | (exit 3) | true # fires
echo "${PIPESTATUS[@]} $?"
x=$(exit 5) # fires
echo "$? [$_]"
(exit 6) # fires
echo $?
! true
echo $?
if false; then echo never; fi
echo $?
false && echo never
echo $?
false || echo "handled $?"
while false; do :; done
until true; do :; done
local_() {
  local y=$(exit 9)
  echo "local $?"
}
local_
[[ a = b ]] # fires
((0)) # fires
[ -f /nowhere ] # fires
echo "$_ $?"
