#!/bin/bash
# Traps for signals, beside the one for errors.
trap 'echo usr1 $?' USR1
trap '' USR2
kill -USR1 $$
false # fires
kill -USR1 $$
trap -p USR1 USR2 INT
trap - USR1
trap -p
trap 'echo "int"; exit 9' INT
kill -INT $$
echo never
