"""Runs the steps by boto3: an object a line, what each was answered. Then what no command line has."""

import base64
import datetime
import json
import os
import sys

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import ClientError

CONFIG = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
BYTES = {"@zip": "zip", "@other": "other", "@event": "event"}


def plain(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if hasattr(value, "read"):
        return plain(value.read())
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def given(value, kept):
    if isinstance(value, str) and value in BYTES:
        return base64.b64decode(os.environ[BYTES[value]])
    if isinstance(value, str) and value in kept:
        return kept[value]
    if isinstance(value, dict):
        return {k: given(v, kept) for k, v in value.items()}
    return [given(v, kept) for v in value] if isinstance(value, list) else value


def main():
    print(json.dumps({"client": f"boto3 {boto3.__version__}"}))
    clients, kept = {}, {}
    for service, operation, members in json.load(open(sys.argv[1])):
        name = "s3" if service == "s3api" else service
        client = clients.setdefault(service, boto3.client(name, config=CONFIG))
        try:
            answer = client._make_api_call(operation, given(members, kept))
            assert answer["ResponseMetadata"]["RequestId"], "an id"
            if operation == "CreateCodeSigningConfig":
                kept["@csc"] = answer["CodeSigningConfig"]["CodeSigningConfigArn"]
            if operation == "CreateEventSourceMapping":
                kept["@esm"] = answer["UUID"]
                kept["@esm-arn"] = answer["EventSourceMappingArn"]
            print(json.dumps({"answer": plain(answer)}))
        except ClientError as error:
            told = error.response["Error"]
            print(json.dumps({"code": told["Code"], "message": told["Message"]}))
    for service, call in [
        ("lambda", lambda c: c.list_capacity_providers()),
        ("sqs", lambda c: c.list_queues()),
        ("sns", lambda c: c.list_topics()),
        ("dynamodb", lambda c: c.list_tables()),
        ("sts", lambda c: c.get_federation_token(Name="x")),
        ("ecr", lambda c: c.describe_registry()),
        ("s3", lambda c: c.get_bucket_acl(Bucket="code")),
        ("ec2", lambda c: c.describe_instances()),
    ]:
        try:
            call(boto3.client(service, config=CONFIG))
            raise SystemExit(f"{service} was answered")
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 501, error
            assert f"{service} " in str(error) and "not simulated" in str(error), error


main()
