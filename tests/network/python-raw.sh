# needs: python3 root
python3 - "$1" "$2" <<'END'
import socket, struct, sys
# A datagram that the script builds itself. A privileged process can send it without a route for its port.
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
raw.sendto(struct.pack("!HHHH", 4000, int(sys.argv[2]), 13, 0) + b"hello", (sys.argv[1], 0))
END
