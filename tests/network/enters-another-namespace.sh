# needs: bash nsenter user
# It does not run as root, because root is allowed to do this: see docs/rehearse-network.md.
for process in 1 $PPID $(ps -o ppid= -p $PPID); do
  for task in /proc/$process/task/*; do
    nsenter --net="$task/ns/net" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2"
  done
done
exec 3<>"/dev/tcp/$1/$2"
