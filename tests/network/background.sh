# needs: bash setsid
setsid bash -c 'exec 3<>"/dev/tcp/$0/$1"; echo hello >&3' "$1" "$2" &
wait
