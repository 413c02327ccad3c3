# needs: nslookup
timeout 3 nslookup -timeout=1 -retry=0 -port="$2" sts.amazonaws.com "$1"
