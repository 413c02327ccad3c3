# needs: php
php -r 'fsockopen($argv[1], (int) $argv[2], $e, $m, 3);' "$1" "$2"
