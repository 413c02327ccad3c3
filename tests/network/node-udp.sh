# needs: node
node -e 'const s = require("dgram").createSocket("udp4"); s.send("hello", +process.argv[2], process.argv[1], () => s.close())' "$1" "$2"
