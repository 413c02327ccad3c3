# needs: bash
echo hello >"/dev/udp/$1/$2"
