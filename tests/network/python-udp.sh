# needs: python3
python3 -c 'import socket, sys; socket.socket(type=socket.SOCK_DGRAM).sendto(b"hello", (sys.argv[1], int(sys.argv[2])))' "$1" "$2"
