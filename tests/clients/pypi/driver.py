"""Runs the PyPI package `aliyun-api-gateway-python`, unmodified, against a server, and prints one
JSON line per case: {name, ok, status, code, message, body}. It decides nothing: what each case must
answer under which policy stands in tests/pypi_client.rs.

Usage: PYTHONPATH=packages python3 driver.py BASE_URL APP_KEY APP_SECRET
"""

import json
import sys
import time

from aliyun_api_gateway import ApiGatewayClient, ApiGatewayRequest

BASE, KEY, SECRET = sys.argv[1:]
PARAMS = {"name": "你好", "empty": "", "text": "a b+c%", "amp": "x&y=z", "名": "é", "zero": 0}
JSON = {"name": "你好", "list": [1, 2]}
FORM = "application/x-www-form-urlencoded"


def client(key=KEY, secret=SECRET, **options):
    return ApiGatewayClient(BASE, key, secret, **options)


def stamped(minutes):
    return client(clock=lambda: time.time() + minutes * 60)


plain = client()
once = client(nonce_factory=lambda: "once")
custom = {"X-B": "2", "a-x": "1"}
date = {"Date": "Fri, 04 Mar 2022 03:41:31 GMT"}

CASES = [
    ("get", plain, "GET", "/items", {}),
    ("get_root", plain, "GET", "/", {}),
    ("get_query", plain, "GET", "/items?z=1", {"query": PARAMS}),
    ("get_unicode_path", plain, "GET", "/路/a b+c", {}),
    ("get_percent_path", plain, "GET", "/100%25", {}),
    ("get_repeated_parameter", plain, "GET", "/items", {"query": {"a": [1, 2]}}),
    ("get_without_accept", plain, "GET", "/items", {"accept": None}),
    ("get_form_type", plain, "GET", "/items?a=1", {"content_type": FORM}),
    ("get_json", plain, "GET", "/items", {"json_body": JSON}),
    ("post_form", plain, "POST", "/items", {"form": PARAMS}),
    ("post_form_and_query", plain, "POST", "/items?q=1", {"form": {"a": "3"}}),
    ("post_form_clash", plain, "POST", "/items?a=1", {"form": {"a": "2"}}),
    ("post_json", plain, "POST", "/items", {"json_body": JSON}),
    ("post_empty", plain, "POST", "/items", {"body": b""}),
    ("put_json", plain, "PUT", "/items", {"json_body": JSON}),
    ("put_form", plain, "PUT", "/items", {"form": PARAMS}),
    ("patch_bytes", plain, "PATCH", "/items", {"body": b"\x00\xff\xfe"}),
    ("delete", plain, "DELETE", "/items/1", {}),
    ("sha1", client(signature_method="HmacSHA1"), "GET", "/items", {}),
    (
        "signed_headers",
        plain,
        "GET",
        "/items",
        {"headers": custom, "additional_signed_headers": list(custom)},
    ),
    ("date", plain, "GET", "/items", {"headers": date}),
    ("wrong_secret", client(secret="wrong"), "GET", "/items", {}),
    ("wrong_key", client(key="wrong"), "GET", "/items", {}),
    ("stale", stamped(-16), "GET", "/items", {}),
    ("premature", stamped(16), "GET", "/items", {}),
    ("nonce_first", once, "GET", "/items", {}),
    ("nonce_again", once, "GET", "/items", {}),
]

for name, api, method, path, options in CASES:
    response = api.send(ApiGatewayRequest(method=method, path=path, **options))
    ok = response.status == 200
    line = {"name": name, "ok": ok, "status": response.status}
    if ok:
        line["body"] = json.loads(response.body)
    else:
        # Looked up in the documents' spelling: on HTTP/1 that is what must be on the wire.
        headers = dict(response.headers)
        line["code"] = headers["X-Ca-Error-Code"]
        line["message"] = headers["X-Ca-Error-Message"].encode("latin-1").decode()
    print(json.dumps(line))
