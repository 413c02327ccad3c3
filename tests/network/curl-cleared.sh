# needs: curl
env -i PATH="$PATH" curl --silent --max-time 3 "http://$1:$2/"
