# needs: python3 ipv6
python3 -c 'import socket, sys; socket.create_connection(("::1", int(sys.argv[1])), 3).send(b"hello")' "$2"
