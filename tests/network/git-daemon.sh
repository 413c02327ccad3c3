# needs: git
timeout 3 git -c protocol.git.allow=always ls-remote "git://$1:$2/x.git"
