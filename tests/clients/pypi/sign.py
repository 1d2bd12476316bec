"""What the PyPI package `aliyun-api-gateway-python`, unmodified, signs. It answers a JSON line
{method, path, query, headers, form, chosen}, a request as it is sent, with {string_to_sign, signature};
and one with `make`, the arguments of a request of its own, with {method, url, headers, body,
string_to_sign}. `form` is the body of a form, else null.

Usage: PYTHONPATH=packages python3 sign.py APP_KEY APP_SECRET
"""

import base64
import json
import sys
from urllib.parse import parse_qsl, unquote

from aliyun_api_gateway import ApiGatewayClient, ApiGatewayRequest
from aliyun_api_gateway.signing import build_string_to_sign, canonicalize_resource, sign_string

KEY, SECRET = sys.argv[1:]


def signed(method, path, query, headers, form, chosen):
    def parameters(text):
        return parse_qsl(text or "", keep_blank_values=True)

    resource = canonicalize_resource(unquote(path), parameters(query), parameters(form))
    names = [name for name in headers if name.startswith("x-ca-") or name in chosen]
    text = build_string_to_sign(method, headers, resource, names)
    algorithm = headers["x-ca-signature-method"]
    return {"string_to_sign": text, "signature": sign_string(text, SECRET, algorithm)}


def made(signature_method, **arguments):
    client = ApiGatewayClient("http://example.com", KEY, SECRET, signature_method=signature_method)
    request = client.sign(ApiGatewayRequest(**arguments))
    return {
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "body": base64.b64encode(request.body or b"").decode(),
        "string_to_sign": request.string_to_sign,
    }


for line in sys.stdin:
    asked = json.loads(line)
    answer = made(**asked["make"]) if "make" in asked else signed(**asked)
    print(json.dumps(answer), flush=True)
