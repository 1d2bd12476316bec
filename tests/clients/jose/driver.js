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
import { exportJWK, generateKeyPair, generateSecret, importJWK, SignJWT } from 'jose';
import { judge } from './judge.js';
import { ALGORITHMS } from './mint.js';

const generate = async (alg) => {
  const extractable = { extractable: true };
  if (!alg.startsWith('HS')) {
    const pair = await generateKeyPair(alg, extractable);
    return [pair.privateKey, pair.publicKey];
  }
  const secret = await generateSecret(alg, extractable);
  return [secret, secret];
};

const keys = async () => ({
  keys: await Promise.all(ALGORITHMS.map(async (alg) => {
    const [made, published] = await generate(alg);
    return { alg, private: await exportJWK(made), public: await exportJWK(published) };
  })),
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
