"""Unpacks the models of Lambda from the botocore that is installed: where to is the argument."""

import gzip
import os
import sys

import botocore

source = os.path.join(os.path.dirname(botocore.__file__), "data", "lambda", "2015-03-31")
target = os.path.join(sys.argv[1], "lambda", "2015-03-31")
os.makedirs(target)
# Not the waiters: the newest ones tell success by the absence of an error, which older commands do not know.
for name in ["service-2", "paginators-1"]:
    packed = os.path.join(source, name + ".json.gz")
    opened = gzip.open(packed) if os.path.exists(packed) else open(packed[:-3], "rb")
    with opened as file, open(os.path.join(target, name + ".json"), "wb") as out:
        out.write(file.read())
