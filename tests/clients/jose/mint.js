// Signs anything as a token: any header, any payload, any spelling of either.

import {
  constants, createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes,
  sign as nodeSign,
} from 'node:crypto';

export const ALGORITHMS = [
  ...['HS', 'RS', 'PS', 'ES'].flatMap((kind) => ['256', '384', '512'].map((size) => kind + size)),
  'EdDSA',
];

const PADDING = {
  RS: { padding: constants.RSA_PKCS1_PADDING },
  PS: {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  },
  ES: { dsaEncoding: 'ieee-p1363' },
};

// Made by way of PEM: Node 20 deadlocks when a generated pair's own objects are collected as garbage
// while one of them is exported.
const pair = (type, options = {}) => {
  const made = generateKeyPairSync(type, {
    ...options,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return {
    publicKey: createPublicKey(made.publicKey),
    privateKey: createPrivateKey(made.privateKey),
  };
};

export class Key {
  constructor({ publicKey, privateKey, secret }) {
    Object.assign(this, { publicKey, privateKey, secret });
  }

  static rsa(modulusLength = 2048) {
    return new Key(pair('rsa', { modulusLength }));
  }

  static ec(namedCurve) {
    return new Key(pair('ec', { namedCurve }));
  }

  static ed25519() {
    return new Key(pair('ed25519'));
  }

  static secret(secret = randomBytes(64)) {
    return new Key({ secret });
  }

  // The JWK to verify with.
  jwk(members = {}) {
    const plain = this.secret
      ? { kty: 'oct', k: this.secret.toString('base64url') }
      : this.publicKey.export({ format: 'jwk' });
    return { ...plain, ...members };
  }

  // The raw signature of `input`, whatever suits `alg` and this key, or does not.
  sign(alg, input, options = {}) {
    const hash = `sha${alg.slice(2)}`;
    if (this.secret) return createHmac(hash, this.secret).update(input).digest();
    const key = { key: this.privateKey, ...PADDING[alg.slice(0, 2)], ...options };
    return nodeSign(alg === 'EdDSA' ? null : hash, Buffer.from(input), key);
  }
}

// One key of each kind, for one owner.
export const keyring = () => {
  const [rsa, secret] = [Key.rsa(), Key.secret()];
  const ring = { ES256: Key.ec('P-256'), ES384: Key.ec('P-384'), ES512: Key.ec('P-521') };
  for (const size of ['256', '384', '512']) {
    ring[`RS${size}`] = ring[`PS${size}`] = rsa;
    ring[`HS${size}`] = secret;
  }
  return { ...ring, EdDSA: Key.ed25519() };
};

const bytes = (part) =>
  Buffer.from(Buffer.isBuffer(part) || typeof part === 'string' ? part : JSON.stringify(part));

export const encode = (part) => bytes(part).toString('base64url');

// Signs two parts as they are spelled.
export const signParts = (key, alg, header, payload) => {
  const input = `${header}.${payload}`;
  return `${input}.${key.sign(alg, input).toString('base64url')}`;
};

// Objects become JSON; strings and buffers stay what they are.
export const seal = (key, alg, header, payload) =>
  signParts(key, alg, encode(header), encode(payload));
