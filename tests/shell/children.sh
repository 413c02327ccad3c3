#!/bin/bash
# Shells that it starts, with its environment and without.
bash -c 'false; echo "child $?"; trap "echo own" ERR; false; trap -p'
bash -c 'set -e; false; echo never' # fires
echo $?
env -i PATH="$PATH" bash -c 'false; echo "bare $?"; trap -p; echo $-'
sh -c 'false; echo "sh $?"'
echo 'false; echo "stdin $?"; trap -p' | bash
bash -x -c 'false; echo traced'
bash -eu -c 'echo "$-" | tr -d E; false; echo never' # fires
echo $?
. ./lib.inc
from_lib || echo "looked $?"
from_lib # fires
echo $?
source ./lib.inc again # fires
export -p | grep -c '_lambdry_' # fires
true
