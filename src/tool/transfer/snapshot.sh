#!/bin/sh
# Writes the functions, layers and event source mappings of AWS Lambda into a folder, for `lambdry import FOLDER`.
#
#   sh snapshot.sh [--code] [--events] FOLDER [FUNCTION ...]
#
# Without a name it takes every function, layer and mapping of the region. --code also fetches the code. --events also
# fetches CloudTrail's events about Lambda of the last 90 days, by this line, which can be run alone, too:
#
#   aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventSource,AttributeValue=lambda.amazonaws.com \
#     --output json >FOLDER/events.json
#
# It only reads. It calls get-... and list-... of aws lambda, with --events lookup-events, and with --code curl on the
# addresses in the answers. The files that it writes contain the values of the functions' environment variables.
#
# It needs this policy and nothing more (cloudtrail for --events; ListTags, because get-function only then gives tags):
#
#   {
#     "Version": "2012-10-17",
#     "Statement": [
#       {
#         "Effect": "Allow",
#         "Action": [
#           "cloudtrail:LookupEvents",
#           "lambda:GetEventSourceMapping",
#           "lambda:GetFunction",
#           "lambda:GetFunctionConfiguration",
#           "lambda:GetLayerVersion",
#           "lambda:GetLayerVersionPolicy",
#           "lambda:GetPolicy",
#           "lambda:ListAliases",
#           "lambda:ListEventSourceMappings",
#           "lambda:ListFunctions",
#           "lambda:ListLayerVersions",
#           "lambda:ListLayers",
#           "lambda:ListTags",
#           "lambda:ListVersionsByFunction"
#         ],
#         "Resource": "*"
#       }
#     ]
#   }
set -euf
umask 077
export AWS_PAGER=

code=
events=
while :; do
  case ${1-} in
    --code) code=yes ;;
    --events) events=yes ;;
    *) break ;;
  esac
  shift
done
case ${1-} in
  '' | -*)
    echo 'usage: sh snapshot.sh [--code] [--events] FOLDER [FUNCTION ...]' >&2
    exit 2
    ;;
esac
folder=$1
shift
for name; do
  case $name in
    '' | *[!A-Za-z0-9_-]*)
      echo "snapshot: $name: write only the name of the function, without ARN, version or alias" >&2
      exit 2
      ;;
  esac
done
if [ -e "$folder" ]; then
  echo "snapshot: $folder exists already; choose a new folder" >&2
  exit 2
fi
mkdir -p "$folder"

# A call that may find nothing. Every other error ends the script.
maybe() {
  file=$1
  shift
  if ! aws lambda "$@" --output json >"$file" 2>"$folder/error"; then
    if ! grep -q ResourceNotFoundException "$folder/error"; then
      cat "$folder/error" >&2
      exit 1
    fi
    rm "$file"
  fi
  rm -f "$folder/error"
}

# The code at an address. An image has no address.
fetch() {
  if [ -n "$code" ] && [ "$2" != None ]; then
    curl -fsS -o "$1" "$2"
  fi
}

if [ $# -gt 0 ]; then
  names=$*
  layers=
  mappings=
else
  names=$(aws lambda list-functions --query 'Functions[].[FunctionName]' --output text)
  layers=$(aws lambda list-layers --query 'Layers[].[LayerName]' --output text)
  mappings=$(aws lambda list-event-source-mappings --query 'EventSourceMappings[].[UUID]' --output text)
fi

for name in $names; do
  echo "$name" >&2
  here=$folder/functions/$name
  mkdir -p "$here"
  aws lambda get-function --function-name "$name" --output json >"$here/latest.json"
  if [ -n "$code" ]; then
    url=$(aws lambda get-function --function-name "$name" --query Code.Location --output text)
    fetch "$here/latest.zip" "$url"
  fi
  aws lambda list-versions-by-function --function-name "$name" --output json >"$here/versions.json"
  aws lambda list-aliases --function-name "$name" --output json >"$here/aliases.json"
  maybe "$here/policy.json" get-policy --function-name "$name"

  versions=$(aws lambda list-versions-by-function --function-name "$name" --query 'Versions[].[Version]' --output text)
  for version in $versions; do
    if [ "$version" = '$LATEST' ]; then
      continue
    fi
    aws lambda get-function --function-name "$name" --qualifier "$version" --output json >"$here/$version.json"
    if [ -n "$code" ]; then
      url=$(aws lambda get-function --function-name "$name" --qualifier "$version" --query Code.Location --output text)
      fetch "$here/$version.zip" "$url"
    fi
    maybe "$here/policy-$version.json" get-policy --function-name "$name" --qualifier "$version"
  done
  aliases=$(aws lambda list-aliases --function-name "$name" --query 'Aliases[].[Name]' --output text)
  for alias in $aliases; do
    maybe "$here/policy-$alias.json" get-policy --function-name "$name" --qualifier "$alias"
  done

  if [ $# -gt 0 ]; then
    # The mappings that invoke the function, or one of its versions or aliases.
    mappings="$mappings $(aws lambda list-event-source-mappings --output text --query \
      "EventSourceMappings[?ends_with(FunctionArn, ':function:$name') || contains(FunctionArn, ':function:$name:')].[UUID]")"
    # The layers that it uses, if they belong to this account.
    arns=$(aws lambda get-function-configuration --function-name "$name" \
      --query '[FunctionArn, Layers[].Arn][]' --output text)
    account=
    for arn in $arns; do
      case $arn in
        *:function:*)
          account=${arn%:function:*}
          account=${account##*:}
          ;;
        *:"$account":layer:*)
          layer=${arn#*:layer:}
          layers="$layers ${layer%%:*}"
          ;;
      esac
    done
  fi
done

for layer in $layers; do
  here=$folder/layers/$layer
  if [ -e "$here" ]; then
    continue
  fi
  echo "$layer" >&2
  mkdir -p "$here"
  aws lambda list-layer-versions --layer-name "$layer" --output json >"$here/versions.json"
  versions=$(aws lambda list-layer-versions --layer-name "$layer" --query 'LayerVersions[].[Version]' --output text)
  for version in $versions; do
    aws lambda get-layer-version --layer-name "$layer" --version-number "$version" --output json >"$here/$version.json"
    if [ -n "$code" ]; then
      url=$(aws lambda get-layer-version --layer-name "$layer" --version-number "$version" \
        --query Content.Location --output text)
      fetch "$here/$version.zip" "$url"
    fi
    maybe "$here/policy-$version.json" get-layer-version-policy --layer-name "$layer" --version-number "$version"
  done
done

for mapping in $mappings; do
  mkdir -p "$folder/event-source-mappings"
  maybe "$folder/event-source-mappings/$mapping.json" get-event-source-mapping --uuid "$mapping"
done

if [ -n "$events" ]; then
  echo events >&2
  aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventSource,AttributeValue=lambda.amazonaws.com \
    --output json >"$folder/events.json"
fi
