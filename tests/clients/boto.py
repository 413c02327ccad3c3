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


def at(answer, pointer):
    for word in pointer.split("/")[1:]:
        answer = answer[int(word)] if isinstance(answer, list) else answer[word]
    return answer


def main():
    print(json.dumps({"client": f"boto3 {boto3.__version__}"}))
    clients, kept = {}, {}
    for service, operation, members, *makes in json.load(open(sys.argv[1])):
        name = "s3" if service == "s3api" else service
        client = clients.setdefault(service, boto3.client(name, config=CONFIG))
        try:
            answer = client._make_api_call(operation, given(members, kept))
            assert answer["ResponseMetadata"]["RequestId"], "an id"
            for name, pointer in makes[0].items() if makes else ():
                kept[name] = at(answer, pointer)
            print(json.dumps({"answer": plain(answer)}))
        except ClientError as error:
            told = error.response["Error"]
            print(json.dumps({"code": told["Code"], "message": told["Message"]}))
    for service, call in [
        ("lambda", lambda c: c.list_capacity_providers()),
        ("sqs", lambda c: c.list_dead_letter_source_queues(QueueUrl="x")),
        ("sns", lambda c: c.list_platform_applications()),
        ("dynamodb", lambda c: c.list_backups()),
        ("kinesis", lambda c: c.list_streams()),
        ("apigateway", lambda c: c.get_api_keys()),
        ("apigatewayv2", lambda c: c.get_vpc_links()),
        ("cloudfront", lambda c: c.list_cache_policies()),
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
    web_identity()


def web_identity():
    """What SDKs send without a signature, and a call with what it answered."""
    claims = base64.urlsafe_b64encode(b'{"sub": "repo", "iss": "https://example.com"}').decode().strip("=")
    role = {"RoleArn": "arn:aws:iam::210987654321:role/ci", "RoleSessionName": "run"}
    sts = boto3.client("sts", config=CONFIG.merge(Config(signature_version=botocore.UNSIGNED)))
    told = sts.assume_role_with_web_identity(**role, WebIdentityToken=f"e30.{claims}.x")
    given = told["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    caller = session.client("sts").get_caller_identity()
    assert caller["Arn"] == "arn:aws:sts::210987654321:assumed-role/ci/run", caller


main()
