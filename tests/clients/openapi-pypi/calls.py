"""What the two SDKs of this folder are driven with, and how an outcome is told."""

import json

VERSION = "2016-07-14"
ACTION = "DescribeApis"
# Every rule of encoding: beyond ASCII and beyond the basic plane, reserved, unreserved, empty.
TEXTS = {
    "Name": "你好 é 𝄞",
    "Reserved": "a b+c%&=/?#:,;@!$'()*[]{}|\\^`\"<>",
    "Unreserved": "-_.~",
    "Empty": "",
    "Lower": "z",
}


class Account:
    """Who calls: a key, its secret, and a token if it is a temporary one."""

    def __init__(self, key, secret, token=None):
        self.key, self.secret, self.token = key, secret, token


class Accounts:
    def __init__(self, told):
        self.address = told["address"]
        self.usual = Account(told["key"], told["secret"])
        self.temporary = Account(told["sts_key"], told["sts_secret"], told["sts_token"])
        self.tokenless = Account(told["sts_key"], told["sts_secret"])
        self.inactive = Account(told["inactive_key"], told["inactive_secret"])
        self.stranger = Account("nobody", told["secret"])
        self.mistaken = Account(told["key"], "another secret")
        self.forgetful = Account(told["sts_key"], "another secret", told["sts_token"])


def accepted(name, body):
    if isinstance(body, (bytes, str)):
        body = json.loads(body)
    return {"name": name, "ok": True, "body": body}


def refused(name, error, code, message, request_id):
    return {
        "name": name,
        "ok": False,
        "class": f"{type(error).__module__}.{type(error).__name__}",
        "code": code,
        "message": message,
        "request_id": request_id,
    }
