# needs: openssl
timeout 3 openssl s_client -connect "$1:$2" </dev/null
