# needs: curl
unset $(env | cut -d= -f1 | grep -i proxy)
curl --silent --max-time 3 "http://$1:$2/"
