# needs: curl
curl --silent --max-time 3 "telnet://$1:$2" </dev/null
