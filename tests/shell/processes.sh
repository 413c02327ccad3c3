#!/bin/bash
# Jobs, subshells, coprocesses, here-documents, process substitution.
false &
wait $! # fires
echo "waited $?"
(exit 4) & (exit 5) & wait
echo "all $?"
cat <<END # fires
here $(false; echo "document $?")
END
while read -r line; do
  echo "read $line"
done < <(echo one; false; echo two) # fires
coproc cat
echo hello >&"${COPROC[1]}"
read -r b <&"${COPROC[0]}"
echo "$b"
eval "exec ${COPROC[1]}>&-"
wait
exec 3>&1
(false; echo "sub $?" >&3) # fires
exec 3>&-
{ false; echo "group $?"; } | cat # fires
for i in 1 2; do
  [ $i = 2 ] && continue
  false # fires
done
case $(false; echo x) in x) echo case ;; esac # fires
kill -0 $$ && echo alive
exec echo replaced
