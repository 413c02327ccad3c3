#!/bin/bash
set -euo pipefail
FN=pay
SID=s3-uploads
aws lambda remove-permission --function-name "$FN" --statement-id "$SID"
aws lambda add-permission --function-name "$FN" --statement-id "$SID" --action lambda:InvokeFunction \
  --principal s3.amazonaws.com --source-arn arn:aws:s3:::uploads --source-account 123456789012 >/dev/null
