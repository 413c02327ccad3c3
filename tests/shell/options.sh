#!/bin/bash
# Options that a script sets, asks for and puts back.
set -u -o noclobber -f
IFS=,
false # fires
echo "${x-unset}" *
set +u +f
IFS=
false # fires
shopt -s nullglob extglob
false # fires
unset IFS
set -- a b c
false # fires
echo "$# $*"
readonly R=1
false # fires
set -e
false || :
set +e
false # fires
cd /
false # fires
echo "$PWD"
umask 077
false # fires
umask
