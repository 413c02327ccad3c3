# needs: curl
curl --silent --max-time 3 "http://$1:$2/"
