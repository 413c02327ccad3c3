# needs: wget
wget --quiet --tries=1 --timeout=3 -O /dev/null "http://$1:$2/"
