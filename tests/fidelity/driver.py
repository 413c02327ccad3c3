"""Runs many `aws` command lines in one Python: a JSON object a line in, one out; a fork for each.

The command's tables and service models are loaded once, before the forks, so that a line costs some 30 ms and not a
second. Everything else, the environment above all, is the child's own.
"""

import base64
import functools
import gc
import json
import os
import signal
import sys
import tempfile

import awscli
from awscli import clidriver

try:
    from awscli.botocore.loaders import JSONFileLoader
except ImportError:
    from botocore.loaders import JSONFileLoader

SECONDS_A_LINE = 60


def once(function):
    kept = {}

    @functools.wraps(function)
    def load(self, path):
        if path not in kept:
            kept[path] = function(self, path)
        return kept[path]

    return load


def prepared():
    JSONFileLoader.load_file = once(JSONFileLoader.load_file)
    driver = clidriver.create_clidriver()
    table = driver._get_command_table()
    table["lambda"]._get_command_table()
    driver.session.create_client("lambda", region_name="us-east-1")
    gc.freeze()
    return driver


def child(driver, asked, out, err):
    signal.alarm(SECONDS_A_LINE)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = ["aws"] + asked["line"]
    code = 1
    try:
        code = driver.main(asked["line"])
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main():
    driver = prepared()
    print(json.dumps({"version": awscli.__version__}), flush=True)
    for text in iter(sys.stdin.readline, ""):
        asked = json.loads(text)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            pid = os.fork()
            if pid == 0:
                child(driver, asked, out, err)
            _, status = os.waitpid(pid, 0)
            out.seek(0)
            err.seek(0)
            answer = {
                "code": os.waitstatus_to_exitcode(status),
                "out": base64.b64encode(out.read()).decode(),
                "err": base64.b64encode(err.read()).decode(),
            }
        print(json.dumps(answer), flush=True)


main()
