#!/bin/bash
echo "$_ $0 $# $? $-" | sed 's/E//'
[[ "$0" = "${BASH_SOURCE[0]}" ]] && echo run
(return 0 2>/dev/null) && echo sourced || echo "not sourced"
