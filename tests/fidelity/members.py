"""The members of calls in botocore's models: `python3 members.py "sqs CreateQueue" …` prints three lines for each call,
as the catalogues of ready answers write them: what it takes, what it gives, and the members of its pages. What a
structure holds of itself is left out."""

import sys

import botocore.session
from botocore.exceptions import DataNotFoundError

KINDS = {
    "integer": ":int",
    "long": ":int",
    "float": ":float",
    "double": ":float",
    "boolean": ":bool",
    "blob": ":blob",
    "timestamp": ":time",
}
BRACKETS = {"structure": "{}", "list": "[]", "map": "<>"}


def kind(shape, within):
    if shape.type_name not in BRACKETS:
        return KINDS.get(shape.type_name, "")
    if shape.name in within:
        return None
    if shape.type_name == "structure":
        inner = members(shape, within | {shape.name})
    else:
        inner = kind(shape.member if shape.type_name == "list" else shape.value, within)
    opening, closing = BRACKETS[shape.type_name]
    return None if inner is None else opening + inner + closing


def members(shape, within=frozenset()):
    words = []
    for name, member in (shape.members if shape else {}).items():
        told = kind(member, within)
        if told is not None:
            words.append(name + ("!" if name in shape.required_members else "") + told)
    return " ".join(words)


def pages(service, operation):
    try:
        way = session.get_paginator_model(service).get_paginator(operation)
    except (DataNotFoundError, ValueError):
        return ""
    lists = way["result_key"]
    lists = lists if isinstance(lists, list) else [lists]
    return " ".join([way["input_token"], way.get("limit_key", "-"), way["output_token"], *lists])


session = botocore.session.get_session()
for call in sys.argv[1:]:
    service, operation = call.split()
    model = session.get_service_model(service).operation_model(operation)
    for shape in model.input_shape, model.output_shape:
        print(members(shape, frozenset({shape.name}) if shape else frozenset()))
    print(pages(service, operation))
