# needs: bash
exec 3<>"/dev/tcp/$1/$2" && echo hello >&3
