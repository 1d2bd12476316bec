"""Runs the PyPI packages `aliyun-python-sdk-core`, `alibabacloud-tea-openapi` and
`alibabacloud-openapi-util`, unmodified, against a server, and prints one JSON line per case. It decides
nothing: what each case must answer stands in tests/openapi_clients.

Usage: PYTHONPATH=packages python3 driver.py SDK JSON [CASE...]
SDK is `core`, `tea` or `util`; JSON tells the server's address and the keys; without a CASE, all are run.
"""

import importlib
import json
import sys

from calls import Accounts

NAME, TOLD, *WANTED = sys.argv[1:]
assert NAME in ("core", "tea", "util"), NAME
sdk = importlib.import_module(NAME)

for name, *case in sdk.cases(Accounts(json.loads(TOLD))):
    if not WANTED or name in WANTED:
        print(json.dumps(sdk.outcome(name, *case)))
