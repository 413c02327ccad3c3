#!/bin/bash
# A function that fails, looked at by its caller or not.
fails() {
  false
  echo "went on: $?"
  return 4
}
fails || echo "handled $?"
if fails; then echo never; fi
deep() { fails && echo never; }
deep || echo deep
plain() {
  true
  return 3
}
plain # fires
echo $?
recursive() {
  [ "$1" -gt 0 ] || return 7
  recursive $(($1 - 1)) || return $?
}
recursive 3 || echo "$?"
declare -F
type plain
