"""PyPI `alibabacloud-openapi-util`: the signatures of the older generated SDKs, sent by their HTTP
core, `alibabacloud-tea`. Errors are the SDKs' own matter."""

import json
from urllib.parse import quote, urlencode
from uuid import uuid4

from alibabacloud_openapi_util.client import Client
from alibabacloud_tea_util.client import Client as TeaUtil
from Tea.core import TeaCore
from Tea.request import TeaRequest

from calls import ACTION, TEXTS, VERSION, accepted

JSON = '{"name":"你好","list":[1,2]}'
V3 = "ACS3-HMAC-SHA256"


def made(accounts, method, path, query, headers):
    request = TeaRequest()
    request.protocol, request.method, request.pathname = "http", method, path
    request.query = dict(query)
    request.headers = {"host": accounts.address, **headers}
    return request


def rpc(accounts, method, query, form=None):
    account = accounts.usual
    own = {
        "Action": ACTION,
        "Version": VERSION,
        "Format": "json",
        "Timestamp": Client.get_timestamp(),
        "SignatureNonce": uuid4().hex,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "AccessKeyId": account.key,
    }
    request = made(accounts, method, "/", {**own, **query}, {})
    signed = {**request.query, **(form or {})}
    request.query["Signature"] = Client.get_rpcsignature(signed, method, account.secret)
    if form is not None:
        request.body = urlencode(form)
        request.headers["content-type"] = "application/x-www-form-urlencoded"
    return request


def roa(accounts, method, path, query):
    account = accounts.usual
    headers = {
        "date": TeaUtil.get_date_utcstring(),
        "accept": "application/json",
        "x-acs-signature-nonce": uuid4().hex,
        "x-acs-signature-method": "HMAC-SHA1",
        "x-acs-signature-version": "1.0",
        "x-acs-version": VERSION,
        "x-acs-action": ACTION,
    }
    request = made(accounts, method, path, query, headers)
    signature = Client.get_roasignature(Client.get_string_to_sign(request), account.secret)
    request.headers["authorization"] = f"acs {account.key}:{signature}"
    return request


def v3(accounts, method, path, query, body=None):
    account = accounts.usual
    digest = Client.hex_encode(Client.hash((body or "").encode(), V3))
    headers = {
        "x-acs-version": VERSION,
        "x-acs-action": ACTION,
        "x-acs-date": Client.get_timestamp(),
        "x-acs-signature-nonce": uuid4().hex,
        "x-acs-content-sha256": digest,
    }
    if body is not None:
        headers["content-type"] = "application/json; charset=utf-8"
    request = made(accounts, method, path, query, headers)
    request.body = body
    authorization = Client.get_authorization(request, V3, digest, account.key, account.secret)
    request.headers["Authorization"] = authorization
    return request


def cases(accounts):
    """(name, a signed request)"""
    path = "/apis/" + quote("你 好*~")
    named = {"名": "é", "A:b": "1", "f[0]": "2"}
    lists = Client.query({"Tag": [{"Key": "a"}, {"Key": "你"}], "Ids": ["x", "y"]})
    yield "rpc_get", rpc(accounts, "GET", TEXTS)
    yield "rpc_get_list", rpc(accounts, "GET", lists)
    yield "rpc_post_form", rpc(accounts, "POST", lists, TEXTS)
    yield "roa_get", roa(accounts, "GET", "/apis/1", TEXTS)
    yield "roa_get_unicode_path", roa(accounts, "GET", path, {})
    yield "v3_get", v3(accounts, "GET", "/", TEXTS)
    yield "v3_get_reserved_names", v3(accounts, "GET", "/", named)
    yield "v3_post_json", v3(accounts, "POST", "/", lists, JSON)
    yield "v3_roa_put_json", v3(accounts, "PUT", path, TEXTS, JSON)


def outcome(name, request):
    response = TeaCore.do_action(request)
    return accepted(name, json.loads(response.body))
