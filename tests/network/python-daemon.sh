# needs: python3
python3 - "$1" "$2" <<'END'
import os, socket, sys
if os.fork():
    os.wait()
    sys.exit()
os.setsid()
if os.fork():
    os._exit(0)
os.environ.clear()
socket.create_connection((sys.argv[1], int(sys.argv[2])), 3).send(b"hello")
END
sleep 0.2
