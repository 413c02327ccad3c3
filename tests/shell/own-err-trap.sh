#!/bin/bash
# An ERR trap of the script's own: what it sees, and where it is not inherited.
false # fires
trap 'echo "own: $? $_ line $LINENO: $BASH_COMMAND"' ERR
false a b # fires
trap -p ERR
trap
inside() {
  false # fires
  echo "inside went on"
}
inside
(false; echo "subshell $?") # fires
x=$(false; echo "substitution $?") # fires
echo "$x"
(exit 3) # fires
echo "after: $?"
trap 'echo "it'\''s \"quoted\" $?"
echo second line' ERR
false # fires
trap -p
trap '' ERR
false # fires
trap -p ERR
trap - ERR
false # fires
trap -p ERR
setup() { trap 'echo "set in a function, $?"' ERR; }
setup
false # fires
other() { false; } # fires
other # fires
trap ERR
false # fires
trap -- 'echo dashes' ERR EXIT
false # fires
saved=$(trap -p ERR)
echo "$saved"
trap - ERR
eval "$saved"
false # fires
