# needs: bash unshare
# One namespace more is no way back; where it cannot be had, the plain way is tried.
unshare --user --map-root-user true && exec unshare --user --map-root-user bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2"
exec 3<>"/dev/tcp/$1/$2"
