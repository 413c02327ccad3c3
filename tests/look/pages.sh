#!/bin/sh
# Makes pages for people to look at: sh pages.sh LAMBDRY FOLDER
set -eu
lambdry=$(realpath "$1")
mkdir -p "$2"
cd "$2"
rm -rf bin state many
mkdir bin
ln -s "$lambdry" bin/lambdry
ln -s "$lambdry" bin/aws
PATH=$PWD/bin:$PATH
export PATH AWS_REGION=eu-west-1 LAMBDRY_SETTLE=0 LAMBDRY_STATE_DIR="$PWD/state" LAMBDRY_HINTS=0
for version in one two three; do
  echo "def handler(event, context): return '$version'" >app.py
  rm -f "$version.zip"
  python3 -c "import zipfile; zipfile.ZipFile('$version.zip', 'w').write('app.py')"
done
role=arn:aws:iam::123456789012:role/app
at() { export LAMBDRY_NOW="2026-11-$1Z"; }
quiet() { lambdry "$@" --output off; }

at 20T08:00:00
quiet create-function --function-name pay --runtime python3.12 --handler app.handler --role $role --zip-file fileb://one.zip
at 20T08:01:00
quiet publish-version --function-name pay --description 'the first'
quiet create-alias --function-name pay --name live --function-version 1
at 22T12:00:00
quiet update-function-code --function-name pay --zip-file fileb://two.zip
quiet update-function-configuration --function-name pay --timeout 9 --environment 'Variables={DB_PASSWORD=x,LEVEL=info}'
at 22T12:01:00
quiet publish-version --function-name pay --description 'a longer description of what this version brings to whom'
quiet create-alias --function-name pay --name canary-with-a-rather-long-name --function-version 2
at 22T12:10:00
quiet update-alias --function-name pay --name live --routing-config 'AdditionalVersionWeights={2=0.1}'
at 22T12:40:00
quiet update-alias --function-name pay --name live --function-version 2 --routing-config 'AdditionalVersionWeights={}'
at 25T09:00:00
quiet update-function-configuration --function-name pay --runtime python3.13
quiet publish-version --function-name pay
quiet delete-function --function-name pay --qualifier 1
quiet update-function-code --function-name pay --zip-file fileb://three.zip
quiet create-event-source-mapping --function-name pay:live --event-source-arn arn:aws:sqs:eu-west-1:123456789012:orders
quiet create-function --function-name mail --runtime python3.13 --handler app.handler --role $role --zip-file fileb://one.zip
lambdry history pay --format html >history.html
lambdry history --all-functions --format html >account.html

export LAMBDRY_STATE_DIR="$PWD/many"
at 01T00:00:00
quiet create-function --function-name big --runtime python3.12 --handler app.handler --role $role --zip-file fileb://one.zip --publish
quiet create-alias --function-name big --name live --function-version 1
for number in $(seq 2 300); do
  at "$(printf '%02dT%02d:%02d:00' $((1 + number / 24)) $((number % 24)) $((number % 60)))"
  quiet update-function-configuration --function-name big --timeout $((number % 60 + 1)) >/dev/null
  quiet publish-version --function-name big
  quiet update-alias --function-name big --name live --function-version "$number"
done
lambdry history big --format html >versions.html

unset LAMBDRY_NOW LAMBDRY_SETTLE
export LAMBDRY_STATE_DIR="$PWD/state"
cat >deploy.sh <<'END'
#!/usr/bin/env bash
# Releases pay.
set -u
export API_TOKEN=t0ken

name=pay
log() { echo "$(date +%T) $*" >&2; }

log "new code for $name"
aws lambda update-function-code --function-name "$name" --zip-file fileb://one.zip --output off
aws lambda publish-version --function-name "$name" --output off
aws lambda wait function-updated-v2 --function-name "$name"
version=$(aws lambda publish-version --function-name "$name" --query Version --output text)

if [ "${1-}" = canary ]; then
  aws lambda update-alias --function-name "$name" --name live \
    --routing-config "AdditionalVersionWeights={$version=0.1}" --output off
else
  aws lambda update-alias --function-name "$name" --name live --function-version "$version" --output off
fi
aws lambda update-function-configuration --function-name "$name" --environment 'Variables={LEVEL=debug}' --output off
aws s3 mb s3://releases-of-pay
END
lambdry rehearse --quiet --report html=rehearsal.html -- bash deploy.sh canary || :
cat >sound.sh <<'END'
#!/usr/bin/env bash
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://one.zip --output off
aws lambda wait function-updated-v2 --function-name pay
version=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda create-alias --function-name pay --name "r$version" --function-version "$version" --output off
aws lambda update-alias --function-name pay --name live --function-version "$version" --output off
END
lambdry rehearse --quiet --report html=clean.html -- bash sound.sh
lambdry rehearse --sweep --yes --quiet --report html=sweep.html -- bash sound.sh || :
ls -l ./*.html
