"""Runs the PyPI packages `aliyun-python-sdk-core` and `alibabacloud-tea-openapi`, unmodified, against a
server, and prints one JSON line per case. It decides nothing: what each case must answer stands in
tests/openapi_clients.

Usage: PYTHONPATH=packages python3 driver.py SDK JSON [CASE...]
SDK is `core` or `tea`; JSON tells the server's address and the keys; without a CASE, all are run.
"""

import json
import sys

import calls

SDK, TOLD, *WANTED = sys.argv[1:]
accounts = calls.Accounts(json.loads(TOLD))


def outcomes():
    if SDK == "core":
        import core

        for name, *case in core.cases(accounts):
            if not WANTED or name in WANTED:
                yield core.outcome(name, *case)
    else:
        import tea

        for name, *case in tea.cases(accounts):
            if not WANTED or name in WANTED:
                yield tea.outcome(accounts, name, *case)


for line in outcomes():
    print(json.dumps(line))
