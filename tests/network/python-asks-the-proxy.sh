# needs: python3
# It asks the proxy for the address by every name that might mislead the proxy. Without a proxy, it connects directly.
python3 - "$1" "$2" <<'END'
import os, socket, sys
address, port = sys.argv[1], int(sys.argv[2])
proxy = os.environ.get("HTTPS_PROXY")
where = (proxy.split("/")[2].split(":")[0], int(proxy.rsplit(":", 1)[1])) if proxy else (address, port)
for first in [
    f"CONNECT {address}:{port} HTTP/1.1",
    f"CONNECT registry.npmjs.org:443@{address}:{port} HTTP/1.1",
    f"CONNECT {address}:{port}@registry.npmjs.org:{port} HTTP/1.1",
    f"CONNECT ::ffff:{address}:{port} HTTP/1.1",
    f"GET http://registry.npmjs.org@{address}:{port}/ HTTP/1.1",
    f"GET http://{address}:{port}/#registry.npmjs.org HTTP/1.1",
    f"GET http://{address}:{port}\\registry.npmjs.org/ HTTP/1.1",
    f"GET http://localhost:{port}/ HTTP/1.1",
]:
    with socket.create_connection(where, 3) as stream:
        stream.sendall(f"{first}\r\nHost: registry.npmjs.org\r\n\r\n".encode())
        stream.settimeout(3)
        try:
            stream.recv(100)
        except OSError:
            pass
END
