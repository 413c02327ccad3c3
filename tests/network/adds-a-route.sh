# needs: bash ip
# It adds a route only if there is none, so it never changes the routes of this machine.
reach() { exec 3<>"/dev/tcp/$1/$2" && echo hello >&3; }
(reach "$@") && exit
ip link set lo up
ip route add default dev lo
export -f reach
timeout 2 bash -c 'reach "$@"' - "$@"
