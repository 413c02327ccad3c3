# needs: bash unshare
# A further namespace must not lead back. If no namespace can be made, the script connects directly.
unshare --user --map-root-user true && exec unshare --user --map-root-user bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2"
exec 3<>"/dev/tcp/$1/$2"
