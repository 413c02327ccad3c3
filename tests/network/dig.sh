# needs: dig
dig +time=1 +tries=1 -p "$2" "@$1" sts.amazonaws.com
