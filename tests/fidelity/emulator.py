"""Plays calls against moto: each line of stdin is a list of calls, the last of which is looked at; a line of stdout
tells how moto's answer differs from the one that came with it. The ids that moto gives take the place of ours in later
calls."""

import json
import os
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from moto import mock_aws


os.environ.update(AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY="example")


def strings(value, path=()):
    """The texts in a value, by where they stand."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from strings(inner, path + (name,))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from strings(inner, path + (at,))
    elif isinstance(value, str):
        yield path, value


def replaced(value, known):
    if isinstance(value, dict):
        return {name: replaced(inner, known) for name, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, known) for inner in value]
    if isinstance(value, str):
        for ours, theirs in sorted(known.items(), key=lambda pair: -len(pair[0])):
            value = value.replace(ours, theirs)
    return value


def members(value, path=""):
    """The members of an answer, those of lists' items together."""
    found = set()
    if isinstance(value, dict):
        for name, inner in value.items():
            if name != "ResponseMetadata":
                here = f"{path}.{name}" if path else name
                found |= {here} | members(inner, here)
    elif isinstance(value, list):
        for inner in value:
            found |= members(inner, path)
    return found


def play(calls):
    known = {}
    for at, call in enumerate(calls):
        is_last = at == len(calls) - 1
        client = boto3.client(call["service"], region_name="us-east-1")
        model = client.meta.service_model
        method = {api: name for name, api in client.meta.method_to_api_mapping.items()}
        ours, code = call["answer"], call["error"]
        try:
            answer = getattr(client, method[call["operation"]])(**replaced(call["request"], known))
            theirs = None
        except ClientError as error:
            answer, theirs = {}, error.response["Error"]["Code"]
        except NotImplementedError:
            return "not in moto"
        except (BotoCoreError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            return f"not playable: {type(error).__name__}"
        if not is_last:
            if theirs != code:
                return f"not playable: {call['operation']} answers {theirs or 'well'}"
            given = dict(strings(answer))
            for path, text in strings(ours or {}):
                if path in given and given[path] != text and len(text) > 3:
                    known[text] = given[path]
            continue
        if theirs != code:
            return f"code {code or 'none'}, moto {theirs or 'none'}"
        answer.pop("ResponseMetadata", None)
        ours, theirs = members(ours or {}), members(answer)
        parts = []
        if ours - theirs:
            parts.append("only here " + " ".join(sorted(ours - theirs)))
        if theirs - ours:
            parts.append("only moto " + " ".join(sorted(theirs - ours)))
        return "; ".join(parts) or "same"


for line in sys.stdin:
    with mock_aws():
        try:
            told = play(json.loads(line))
        except Exception as error:  # moto's own mistakes
            told = f"not playable: {type(error).__name__}"
    print(told, flush=True)
