"""Makes tokens with the PyPI packages PyJWT and cryptography. One JSON request per line in, one
JSON answer per line out:

{"op": "keys"}                                             {"keys": [{"alg", "private", "public"}]}
{"op": "make", "alg", "key", "claims", "kid"?, "header"?}    {"token"}

Keys are JWKs; `private` and `public` are the same for HS256, HS384 and HS512. What cannot be
answered is {"error": name}.

Usage: PYTHONPATH=packages python3 driver.py
"""

import json
import secrets
import sys

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}
ALGORITHMS = [
    *(kind + size for kind in ("HS", "RS", "PS", "ES") for size in ("256", "384", "512")),
    "EdDSA",
]


def generate(alg):
    if alg.startswith("HS"):
        secret = secrets.token_bytes(int(alg[2:]) // 8)
        return secret, secret
    if alg in CURVES:
        key = ec.generate_private_key(CURVES[alg]())
    elif alg == "EdDSA":
        key = ed25519.Ed25519PrivateKey.generate()
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key, key.public_key()


def keys(_request):
    made = []
    for alg in ALGORITHMS:
        to_jwk = jwt.get_algorithm_by_name(alg).to_jwk
        private, public = (to_jwk(key, as_dict=True) for key in generate(alg))
        made.append({"alg": alg, "private": private, "public": public})
    return {"keys": made}


def make(request):
    alg = request["alg"]
    header = dict(request.get("header") or {})
    if "kid" in request:
        header["kid"] = request["kid"]
    key = jwt.PyJWK(request["key"], algorithm=alg)
    return {"token": jwt.encode(request["claims"], key, algorithm=alg, headers=header)}


OPERATIONS = {"keys": keys, "make": make}

for line in sys.stdin:
    try:
        request = json.loads(line)
        answer = OPERATIONS[request["op"]](request)
    except Exception as error:
        answer = {"error": type(error).__name__}
    print(json.dumps(answer), flush=True)
