# needs: python3
python3 -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3).send(b"hello")' "$1" "$2"
