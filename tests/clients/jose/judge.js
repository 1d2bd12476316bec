// What the npm package `jose` says of a token: {ok: true, claims} or {ok: false, error: code}.

import { createLocalJWKSet, importJWK, jwtVerify } from 'jose';

// `jose` never looks for a secret in a JWK set. This does, by the rules it has for public keys.
const secret = (jwks, { alg, kid }) => {
  const found = jwks.keys.filter((key) =>
    key.kty === 'oct' &&
    (kid === undefined || kid === key.kid) &&
    (key.alg === undefined || key.alg === alg) &&
    (key.use === undefined || key.use === 'sig') &&
    (key.key_ops === undefined || key.key_ops.includes('verify')));
  return found.length === 1 ? importJWK(found[0], alg) : undefined;
};

export const judge = async (token, jwks, now, options = {}) => {
  try {
    const published = createLocalJWKSet(jwks);
    const key = (header, jws) =>
      (/^HS(256|384|512)$/.test(header.alg) && secret(jwks, header)) || published(header, jws);
    const at = { currentDate: new Date(now * 1000), clockTolerance: 0 };
    const { payload } = await jwtVerify(token, key, { ...options, ...at });
    return { ok: true, claims: payload };
  } catch (error) {
    return { ok: false, error: typeof error.code === 'string' ? error.code : error.name };
  }
};
