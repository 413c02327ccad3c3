# needs: python3
python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 3).send(b"hello")' "$2"
