# needs: nc
echo hello | timeout 3 nc -w 1 "$1" "$2"
