"""PyPI `alibabacloud-tea-openapi`: V3, and RPC and ROA by `signature_algorithm`."""

import base64
import hashlib
from urllib.parse import quote

from alibabacloud_tea_openapi import utils_models as models
from alibabacloud_tea_openapi.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils import Utils
from darabonba.core import DaraCore
from darabonba.runtime import RuntimeOptions

from calls import ACTION, TEXTS, VERSION, accepted, refused

NESTED = {"Tag": [{"Key": "a", "Value": "1"}, {"Key": "你"}], "Ids": ["x", "y"], "Of": {"A": 1}}
JSON = {"name": "你好", "list": [1, 2], "nested": {"empty": ""}}


def client(address, account, algorithm):
    return Client(
        models.Config(
            access_key_id=account.key,
            access_key_secret=account.secret,
            security_token=account.token,
            endpoint=address,
            protocol="http",
            region_id="cn-hangzhou",
            signature_algorithm=algorithm,
        )
    )


def call(style, method, path="/", body_type="json", **content):
    params = models.Params(
        action=ACTION,
        version=VERSION,
        protocol="HTTP",
        pathname=path,
        method=method,
        auth_type="AK",
        style=style,
        req_body_type=body_type,
        body_type="json",
    )
    return params, models.OpenApiRequest(**content)


def cases(accounts):
    """(name, where, who calls, the algorithm, a call)"""
    for name, *case in called(accounts):
        yield name, accounts.address, *case


def called(accounts):
    usual, form = accounts.usual, "formData"
    query = Utils.query(NESTED)
    named = {"名": "é", "A:b": "1", "f[0]": "2"}
    # The header that the SDK leaves out, and signs if it is there.
    md5 = hashlib.md5(DaraCore.to_json_string(JSON).encode()).digest()
    digest = {"content-md5": base64.b64encode(md5).decode()}
    path = "/apis/" + quote("你 好*~")

    def alike(scheme, algorithm, style, path):
        """What goes wrong alike in every scheme."""
        get = lambda: call(style, "GET", path, query={"A": "1"})
        yield f"{scheme}_sts", accounts.temporary, algorithm, get()
        yield f"{scheme}_without_token", accounts.tokenless, algorithm, get()
        yield f"{scheme}_inactive", accounts.inactive, algorithm, get()
        yield f"{scheme}_wrong_key", accounts.stranger, algorithm, get()
        yield f"{scheme}_wrong_secret", accounts.mistaken, algorithm, get()
        usual_nonce = Utils.get_nonce
        Utils.get_nonce = staticmethod(lambda: f"tea-py-{scheme}-once")
        yield f"{scheme}_nonce_first", usual, algorithm, get()
        yield f"{scheme}_nonce_again", usual, algorithm, call(style, "POST", path)
        Utils.get_nonce = usual_nonce

    yield "rpc_get", usual, "v2", call("RPC", "GET", query=TEXTS)
    yield "rpc_get_list", usual, "v2", call("RPC", "GET", query=query)
    yield "rpc_post_form", usual, "v2", call("RPC", "POST", body_type=form, body=NESTED, query=TEXTS)
    yield from alike("rpc", "v2", "RPC", "/")

    yield "roa_get", usual, "v2", call("ROA", "GET", "/apis/1", query=TEXTS)
    yield "roa_get_unicode_path", usual, "v2", call("ROA", "GET", path)
    yield "roa_get_unencoded_path", usual, "v2", call("ROA", "GET", "/apis/你")
    yield "roa_post_json", usual, "v2", call("ROA", "POST", "/apis", body=JSON, query=TEXTS)
    yield "roa_post_with_digest", usual, "v2", call("ROA", "POST", "/apis", body=JSON, headers=digest)
    yield "roa_put_form", usual, "v2", call("ROA", "PUT", "/apis/1", form, body=NESTED)
    yield "roa_delete", usual, "v2", call("ROA", "DELETE", "/apis/1")
    yield from alike("roa", "v2", "ROA", "/apis")

    yield "v3_get", usual, None, call("RPC", "GET", query=TEXTS)
    yield "v3_get_list", usual, None, call("RPC", "GET", query=query)
    yield "v3_get_reserved_names", usual, None, call("RPC", "GET", query=named)
    yield "v3_get_ambiguous_names", usual, None, call("RPC", "GET", query={"a b": "1"})
    yield "v3_post_form", usual, None, call("RPC", "POST", body_type=form, body=NESTED, query=TEXTS)
    yield "v3_post_json", usual, None, call("RPC", "POST", body=JSON, query=query)
    yield "v3_post_bytes", usual, None, call("RPC", "POST", body_type="byte", body=b"\x00\xff")
    yield "v3_sm3", usual, "ACS3-HMAC-SM3", call("RPC", "POST", body=JSON, query=TEXTS)
    yield "v3_roa_get", usual, None, call("ROA", "GET", path, query=TEXTS)
    yield "v3_roa_get_unencoded_path", usual, None, call("ROA", "GET", "/apis/你")
    yield "v3_roa_post_json", usual, None, call("ROA", "POST", "/apis", body=JSON)
    yield "v3_roa_put_form", usual, None, call("ROA", "PUT", path, form, body=NESTED)
    yield "v3_roa_delete", usual, None, call("ROA", "DELETE", "/apis/1")
    yield from alike("v3", None, "RPC", "/")
    yield from alike("v3_roa", None, "ROA", "/apis")


def outcome(name, address, account, algorithm, request):
    try:
        api = client(address, account, algorithm)
        return accepted(name, api.call_api(*request, RuntimeOptions())["body"])
    except AlibabaCloudException as error:
        return refused(name, error, error.code, error.message, error.request_id)
