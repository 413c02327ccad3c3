# needs: bash ip
# A route is added only where there is none: not to this machine's own.
reach() { exec 3<>"/dev/tcp/$1/$2" && echo hello >&3; }
(reach "$@") && exit
ip link set lo up
ip route add default dev lo
export -f reach
timeout 2 bash -c 'reach "$@"' - "$@"
