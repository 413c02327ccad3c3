# needs: node
node -e 'fetch(`http://${process.argv[1]}:${process.argv[2]}/`, { signal: AbortSignal.timeout(3000) }).catch(() => {})' "$1" "$2"
