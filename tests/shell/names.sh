#!/bin/bash
# A runner that lists its functions, and one that looks at itself.
build() { echo build; }
deploy() { false; } # fires
declare -F | sed 's/declare -f //'
compgen -A function
declare -f deploy
type -t trap
echo "${BASH_SOURCE[0]} $0 ${FUNCNAME[0]:-}"
[[ $_ = "" ]] || echo "$_"
"${1:-deploy}" # fires
echo $?
caller
