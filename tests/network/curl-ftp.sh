# needs: curl
curl --silent --max-time 3 "ftp://$1:$2/"
