# needs: git
timeout 3 git -c "http.proxy=http://$1:$2" ls-remote https://git.example/x.git
