# needs: python3 ipv6
python3 -c 'import socket, sys; socket.create_connection(("::ffff:" + sys.argv[1], int(sys.argv[2])), 3)' "$1" "$2"
