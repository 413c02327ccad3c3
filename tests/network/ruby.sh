# needs: ruby
ruby -rsocket -e 'TCPSocket.new(ARGV[0], ARGV[1]).write("hello")' "$1" "$2"
