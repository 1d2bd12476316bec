"""PyPI `aliyun-python-sdk-core`: RPC and ROA."""

from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.auth.credentials import StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest, RpcRequest
from aliyunsdkcore.utils import parameter_helper

from calls import ACTION, TEXTS, VERSION, accepted, refused


def client(account):
    options = {"region_id": "cn-hangzhou", "auto_retry": False}
    if account.token:
        sts = StsTokenCredential(account.key, account.secret, account.token)
        return AcsClient(credential=sts, **options)
    return AcsClient(account.key, account.secret, **options)


def rpc(accounts, method, query=(), form=(), raw=None, json=False):
    request = CommonRequest(domain=accounts.address, version=VERSION, action_name=ACTION)
    request.set_method(method)
    request.set_protocol_type("http")
    request.set_accept_format("json")
    for name, value in dict(query).items():
        request.add_query_param(name, value)
    for name, value in dict(form).items():
        request.add_body_params(name, value)
    if json:
        request.set_content_type("application/json")
    if raw is not None:
        request.set_content(raw)
    return request


def generated(accounts, query):
    """A request as the classes of one product's SDK are. Only with these does the SDK compare its
    string to sign with the server's, to tell a wrong secret from a wrong string."""
    request = RpcRequest("CloudAPI", VERSION, ACTION)
    request.set_endpoint(accounts.address)
    request.set_protocol_type("http")
    request.set_accept_format("json")
    request.set_query_params(dict(query))
    return request


def roa(accounts, method, pattern, path=(), query=(), form=(), json=None):
    request = CommonRequest(domain=accounts.address, version=VERSION, uri_pattern=pattern)
    request.set_method(method)
    request.set_protocol_type("http")
    request.set_accept_format("json")
    for name, value in dict(path).items():
        request.add_path_param(name, value)
    for name, value in dict(query).items():
        request.add_query_param(name, value)
    for name, value in dict(form).items():
        request.add_body_params(name, value)
    if json is not None:
        request.set_content(json)
        request.set_content_type("application/json")
    return request


def with_nonce(request):
    """The header that the SDK leaves out. It signs every header with that prefix."""
    request.add_header("x-acs-signature-nonce", parameter_helper.get_uuid())
    return request


def cases(accounts):
    """(name, who calls, a request)"""
    usual = accounts.usual
    tags = {"Tag.1.Key": "a", "Tag.1.Value": "1", "Tag.2.Key": "你", "Tag.10.Key": "c"}
    yield "rpc_get", usual, rpc(accounts, "GET", TEXTS)
    yield "rpc_get_list", usual, rpc(accounts, "GET", tags)
    yield "rpc_post_query", usual, rpc(accounts, "POST", TEXTS)
    yield "rpc_post_form", usual, rpc(accounts, "POST", tags, TEXTS)
    yield "rpc_put_form", usual, rpc(accounts, "PUT", (), TEXTS)
    # The SDK signs the form's value and sends both.
    yield "rpc_post_clash", usual, rpc(accounts, "POST", {"A": "1"}, {"A": "2"})
    yield "rpc_post_json", usual, rpc(accounts, "POST", (), {"A": "1"}, json=True)
    yield "rpc_post_raw", usual, rpc(accounts, "POST", TEXTS, raw=b"\x00\xff")
    yield "rpc_sts", accounts.temporary, rpc(accounts, "GET", TEXTS)
    yield "rpc_without_token", accounts.tokenless, rpc(accounts, "GET")
    yield "rpc_inactive", accounts.inactive, rpc(accounts, "GET")
    yield "rpc_wrong_key", accounts.stranger, rpc(accounts, "GET")
    yield "rpc_wrong_secret", accounts.mistaken, rpc(accounts, "GET", TEXTS)
    yield "rpc_generated", usual, generated(accounts, TEXTS)
    yield "rpc_generated_wrong_secret", accounts.mistaken, generated(accounts, TEXTS)
    yield "rpc_generated_wrong_sts_secret", accounts.forgetful, generated(accounts, TEXTS)

    # It encodes the query, and leaves the path to its HTTP library.
    one = {"Id": "你 好"}
    plain = {"b": "2", "a": "1", "empty": "", "名": "é &=+%"}
    body = '{"name":"你好","list":[1,2]}'.encode()
    yield "roa_get", usual, roa(accounts, "GET", "/apis/[Id]", {"Id": "1"}, plain)
    yield "roa_get_unicode_path", usual, roa(accounts, "GET", "/apis/[Id]", one)
    yield "roa_post_json", usual, roa(accounts, "POST", "/apis", (), plain, json=body)
    yield "roa_put_form", usual, roa(accounts, "PUT", "/apis/1", form=TEXTS)
    yield "roa_delete", usual, roa(accounts, "DELETE", "/apis/1")
    yield "roa_sts", accounts.temporary, roa(accounts, "GET", "/apis")
    yield "roa_get_with_nonce", usual, with_nonce(roa(accounts, "GET", "/apis/[Id]", one, plain))
    yield "roa_post_with_nonce", usual, with_nonce(roa(accounts, "POST", "/apis", json=body))
    yield "roa_inactive", accounts.inactive, roa(accounts, "GET", "/apis")
    yield "roa_wrong_key", accounts.stranger, roa(accounts, "GET", "/apis")
    yield "roa_wrong_secret", accounts.mistaken, roa(accounts, "GET", "/apis", (), plain)

    # From here on the nonce and the date stand still. Without a nonce, a ROA request is its date.
    parameter_helper.get_uuid = lambda: "core-once"
    today = parameter_helper.get_rfc_2616_date()
    parameter_helper.get_rfc_2616_date = lambda: today
    yield "rpc_nonce_first", usual, rpc(accounts, "GET")
    yield "rpc_nonce_again", usual, rpc(accounts, "POST")
    yield "roa_same_first", usual, roa(accounts, "GET", "/once")
    yield "roa_same_again", usual, roa(accounts, "GET", "/once")


def outcome(name, account, request):
    try:
        return accepted(name, client(account).do_action_with_exception(request))
    except ServerException as error:
        id_ = error.get_request_id()
        return refused(name, error, error.get_error_code(), error.get_error_msg(), id_)
