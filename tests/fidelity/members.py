"""The members that botocore's models say of calls: `python3 members.py "sqs CreateQueue" …` prints of each a line of
what it takes and a line of what it gives, as the catalogues of ready answers write them. What a structure holds of
itself is left out."""

import sys

import botocore.session

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


session = botocore.session.get_session()
for call in sys.argv[1:]:
    service, operation = call.split()
    model = session.get_service_model(service).operation_model(operation)
    for shape in model.input_shape, model.output_shape:
        print(members(shape, frozenset({shape.name}) if shape else frozenset()))
