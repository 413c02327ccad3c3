#!/bin/bash
# `set -x` shows the script's lines alone.
set -x
false # fires
trap 'echo own' ERR
false # fires
trap - ERR
PS4='> '
f() { false; } # fires
f # fires
(exit 2) # fires
set +x
trap 'echo out' EXIT
set -x
