# needs: git
timeout 3 git ls-remote "http://$1:$2/x.git"
