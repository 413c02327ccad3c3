"""A small SDK for tests: the standard library alone, signed as AWS documents it, called as boto3 is.

It looks at the settings that SDKs look at: the variables, then the files that they name, with profiles."""

import base64
import configparser
import datetime
import hashlib
import hmac
import http.client
import json
import os
import time
import urllib.parse
import uuid

FUNCTIONS = "/2015-03-31/functions"
ROUTES = {
    "get_function": ("GET", FUNCTIONS + "/{FunctionName}"),
    "get_function_configuration": ("GET", FUNCTIONS + "/{FunctionName}/configuration"),
    "list_functions": ("GET", FUNCTIONS),
    "create_function": ("POST", FUNCTIONS),
    "update_function_code": ("PUT", FUNCTIONS + "/{FunctionName}/code"),
    "update_function_configuration": ("PUT", FUNCTIONS + "/{FunctionName}/configuration"),
    "delete_function": ("DELETE", FUNCTIONS + "/{FunctionName}"),
    "publish_version": ("POST", FUNCTIONS + "/{FunctionName}/versions"),
    "create_alias": ("POST", FUNCTIONS + "/{FunctionName}/aliases"),
    "update_alias": ("PUT", FUNCTIONS + "/{FunctionName}/aliases/{Name}"),
    "invoke": ("POST", FUNCTIONS + "/{FunctionName}/invocations"),
}
WAITERS = {
    "function_updated_v2": ("get_function", "LastUpdateStatus", "InProgress"),
    "function_active_v2": ("get_function", "State", "Pending"),
}
TARGETS = {
    "put_item": "DynamoDB_20120810.PutItem",
    "get_parameter": "AmazonSSM.GetParameter",
    "get_job": "AWSGlue.GetJob",
    "create_queue": "AmazonSQS.CreateQueue",
}


class ClientError(Exception):
    def __init__(self, status, code, message):
        super().__init__(f"An error occurred ({code}): {message}")
        self.status, self.code = status, code


def setting(profile, name, file):
    parser = configparser.RawConfigParser()
    parser.read(os.environ.get(file, ""))
    for section in (profile, f"profile {profile}"):
        if parser.has_option(section, name):
            return parser.get(section, name)
    return None


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Client:
    """`client.publish_version(FunctionName="pay")`"""

    def __init__(self, service="lambda", endpoint=None, key=None, profile=None, attempts=3):
        self.service, self.attempts = service, attempts
        of = profile or os.environ.get("AWS_PROFILE") or "default"
        self.endpoint = endpoint or os.environ.get("AWS_ENDPOINT_URL")
        self.endpoint = self.endpoint or setting(of, "endpoint_url", "AWS_CONFIG_FILE")
        own = None if profile else os.environ.get("AWS_ACCESS_KEY_ID")
        own = own or setting(of, "aws_access_key_id", "AWS_SHARED_CREDENTIALS_FILE")
        self.key = key or (own, os.environ.get("AWS_SECRET_ACCESS_KEY", "secret"))
        self.region = os.environ.get("AWS_REGION", "us-east-1")
        self.agent = "Boto3/1.40.0 md/Botocore#1.40.0"
        host = urllib.parse.urlparse(self.endpoint)
        assert host.hostname == "127.0.0.1", f"it would leave the machine: {self.endpoint}"
        self.connection = http.client.HTTPConnection(host.hostname, host.port, timeout=30)
        self.host = host.netloc

    def __getattr__(self, name):
        return lambda **members: self.call(name, members)

    def get_waiter(self, name):
        return Waiter(self, name)

    def call(self, name, members, waits=False):
        headers = {}
        if name in TARGETS:
            method, path = "POST", "/"
            headers["X-Amz-Target"] = TARGETS[name]
            headers["Content-Type"] = "application/x-amz-json-1.0"
        else:
            method, path = ROUTES[name]
        for member in list(members):
            if "{" + member + "}" in path:
                path = path.replace("{" + member + "}", urllib.parse.quote(members.pop(member), safe=""))
        payload = members.pop("Payload", None)
        for holder in (members, members.get("Code", {})):
            if "ZipFile" in holder:
                holder["ZipFile"] = base64.b64encode(holder["ZipFile"]).decode()
        body = payload if payload is not None else json.dumps(members).encode() if members else b""
        headers["User-Agent"] = self.agent + (" m/B,b" if waits else " m/b")
        headers["amz-sdk-invocation-id"] = str(uuid.uuid4())
        for attempt in range(self.attempts):
            status, answer = self.send(method, path, headers, body)
            if status not in (429, 500, 503) or attempt + 1 == self.attempts:
                break
        try:
            told = json.loads(answer or b"{}")
        except ValueError:
            told = {"text": answer.decode()}
        if status >= 400:
            code = told.get("__type") or self.kind or "Unknown"
            raise ClientError(status, code, told.get("message") or told.get("Message"))
        return told

    def send(self, method, path, headers, body):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{now[:8]}/{self.region}/{self.service}/aws4_request"
        digest = hashlib.sha256(body).hexdigest()
        path_twice = urllib.parse.quote(path, safe="/")
        canonical = (
            f"{method}\n{path_twice}\n\nhost:{self.host}\nx-amz-date:{now}\n\nhost;x-amz-date\n{digest}"
        )
        text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = _hmac(("AWS4" + self.key[1]).encode(), now[:8])
        for word in (self.region, self.service, "aws4_request"):
            key = _hmac(key, word)
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        signed = {
            "Host": self.host,
            "X-Amz-Date": now,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={self.key[0]}/{scope}, "
            f"SignedHeaders=host;x-amz-date, Signature={signature}",
        }
        self.connection.request(method, path, body, {**headers, **signed})
        answer = self.connection.getresponse()
        self.kind = (answer.getheader("x-amzn-errortype") or "").split(":")[0]
        return answer.status, answer.read()


class Waiter:
    def __init__(self, client, name):
        self.client, self.name = client, name

    def wait(self, **members):
        operation, member, under_way = WAITERS[self.name]
        for _ in range(40):
            told = self.client.call(operation, dict(members), waits=True)
            if told["Configuration"][member] != under_way:
                return
            time.sleep(1)
        raise SystemExit("it takes too long")
