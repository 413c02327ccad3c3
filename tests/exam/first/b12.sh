#!/bin/bash
PURGE_VERSION=$1
FUNCTION=pay
[ -z "$PURGE_VERSION" ] && echo "nothing given, purging old"
aws lambda delete-function --function-name $FUNCTION${PURGE_VERSION:+:$PURGE_VERSION}
