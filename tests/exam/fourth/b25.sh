#!/bin/bash
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated-v2 --function-name pay
aws lambda publish-version --function-name pay >/dev/null
python3 - <<'PY'
import boto3
client = boto3.client("lambda")
versions = client.list_versions_by_function(FunctionName="pay")["Versions"]
newest = max(int(v["Version"]) for v in versions if v["Version"] != "$LATEST")
client.update_alias(FunctionName="pay", Name="live", FunctionVersion=str(newest))
print("live serves", newest)
PY
