# needs: gawk
timeout 3 gawk -v where="/inet/tcp/0/$1/$2" 'BEGIN { print "hello" |& where; close(where) }'
