# needs: curl
curl --silent --proxy "http://$1:$2" --max-time 3 http://sts.amazonaws.com/
