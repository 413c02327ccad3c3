# needs: node
node -e 'const s = require("net").connect(process.argv[2], process.argv[1], () => s.end("hello")); s.on("error", () => {}); s.setTimeout(3000, () => s.destroy())' "$1" "$2"
