#!/bin/bash
# Streams that are gone.
false 2>&- # fires
exec 2>&-
false # fires
echo "still $?"
exec 2>/dev/null
exec 9</dev/null
false # fires
read -u 9 -r x # fires
echo "end $?"
