// Makes and judges tokens with the npm package `jose`. One JSON request per line in, one JSON
// answer per line out:
//
// {"op": "keys"}                                         {"keys": [{"alg", "private", "public"}]}
// {"op": "make", "alg", "key", "claims", "kid"?, "header"?}    {"token"}
// {"op": "verify", "token", "jwks", "now", "options"?}         {"ok": true, "claims"}
//                                                              {"ok": false, "error": code}
//
// Keys are JWKs; `private` and `public` are the same for HS256, HS384 and HS512. `now` is in
// seconds, `options` are those of jwtVerify. What cannot be answered is {"error": name}.
//
// Usage: node driver.js

import { createInterface } from 'node:readline';
import { importJWK, SignJWT } from 'jose';
import { judge } from './judge.js';
import { ALGORITHMS, Key } from './mint.js';

const CURVES = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

const generate = (alg) => {
  if (alg.startsWith('HS')) return Key.secret();
  if (alg in CURVES) return Key.ec(CURVES[alg]);
  return alg === 'EdDSA' ? Key.ed25519() : Key.rsa();
};

const keys = () => ({
  keys: ALGORITHMS.map((alg) => {
    const key = generate(alg);
    const made = key.secret ? key.jwk() : key.privateKey.export({ format: 'jwk' });
    return { alg, private: made, public: key.jwk() };
  }),
});

const make = async ({ alg, kid, header, claims, key }) => {
  const named = kid === undefined ? {} : { kid };
  const jwt = new SignJWT(claims).setProtectedHeader({ alg, ...header, ...named });
  return { token: await jwt.sign(await importJWK(key, alg)) };
};

const verify = ({ token, jwks, now, options }) => judge(token, jwks, now, options);

const operations = { keys, make, verify };

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const request = JSON.parse(line);
    answer = await operations[request.op](request);
  } catch (error) {
    answer = { error: error.code ?? error.name };
  }
  console.log(JSON.stringify(answer));
}
