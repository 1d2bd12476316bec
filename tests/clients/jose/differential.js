// Prints tokens, honest and hostile, with the key set and the time to judge them by, and what the
// npm package `jose` says of each. One JSON line per token:
//
// {"name", "note", "token", "jwks": {"keys"}, "now", "jose": {"ok": true, "claims"}}
//                                                    "jose": {"ok": false, "error"}
//
// `now` is in seconds. `claims` is JSON in a string, so that claims nested too deep for a reader
// spoil no line; it is null where they are nested too deep to be written. A number that a double
// cannot hold is null in them.
//
// Keys are new in every run; names, order, and what `jose` says are not. This decides nothing:
// where ours is meant to differ stands where it is tested.
//
// Usage: node differential.js

import { createHash, createPublicKey } from 'node:crypto';
import { CompactEncrypt, SignJWT } from 'jose';
import { judge } from './judge.js';
import { ALGORITHMS, encode, Key, keyring, seal, signParts } from './mint.js';

const NOW = 1800000000;
const KID = 'key-1';

const ours = keyring();
const theirs = keyring();
const claims = { iss: 'issuer', sub: 'user', exp: NOW + 300, jti: 'id-1' };

const set = (...keys) => ({ keys });
// The set most rows are judged by: one key, named, bound to its algorithm.
const published = (alg, members = {}) => set(ours[alg].jwk({ kid: KID, alg, ...members }));
const head = (alg, members = {}) => ({ alg, typ: 'JWT', kid: KID, ...members });

const rows = [];
const row = (name, token, jwks, note = '') =>
  rows.push({ name, note, token, jwks: JSON.parse(JSON.stringify(jwks)), now: NOW });
// A token whose claims, or header, are the only odd thing about it.
const odd = (name, header, payload, note) =>
  row(name, seal(ours.ES256, 'ES256', header, payload), published('ES256'), note);
const oddPayload = (name, payload, note) => odd(name, head('ES256'), payload, note);
const oddHeader = (name, header, note) => odd(name, header, claims, note);

const honest = (alg) => seal(ours[alg], alg, head(alg), claims);
const parts = (token) => token.split('.');
const raw = (text) => Buffer.from(text, 'base64url');
const withSignature = (token, signature) =>
  [...parts(token).slice(0, 2), Buffer.from(signature).toString('base64url')].join('.');
const changed = (buffer, index) => {
  const copy = Buffer.from(buffer);
  copy[index < 0 ? copy.length + index : index] ^= 1;
  return copy;
};
// The first token of those with jti 0, 1, 2… that `suits`.
const search = (make, suits) => {
  for (let jti = 0; ; jti += 1) {
    const token = make({ ...claims, jti: String(jti) });
    if (suits(token)) return token;
  }
};
const number = (buffer) => BigInt(`0x${buffer.toString('hex')}`);
const buffer = (value, length) => Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex');
const halves = (signature) => [
  signature.subarray(0, signature.length / 2),
  signature.subarray(signature.length / 2),
];

const ORDER = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384: BigInt('0xffffffffffffffffffffffffffffffffffffffffffffffff'
    + 'c7634d81f4372ddf581a0db248b0a77aecec196accc52973'),
  ES512: BigInt('0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'
    + 'a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409'),
};
const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

// -- every algorithm

for (const alg of ALGORITHMS) {
  const key = ours[alg].secret ?? ours[alg].privateKey;
  const jwt = new SignJWT(claims).setProtectedHeader({ alg, kid: KID });
  row(`honest ${alg}`, await jwt.sign(key), published(alg), 'made by jose');
  row(`honest ${alg}, key without alg`, honest(alg), set(ours[alg].jwk({ kid: KID })));
  row(`honest ${alg}, key without kid, token without kid`,
    seal(ours[alg], alg, { alg }, claims), set(ours[alg].jwk({ alg })));
  row(`wrong key ${alg}`, seal(theirs[alg], alg, head(alg), claims), published(alg));
  row(`payload swapped ${alg}`, (() => {
    const [header, , signature] = parts(honest(alg));
    return [header, encode({ ...claims, sub: 'admin' }), signature].join('.');
  })(), published(alg));
}
row('every key in one set', honest('PS384'),
  set(...ALGORITHMS.map((alg) => ours[alg].jwk({ kid: alg === 'PS384' ? KID : alg, alg }))));
row('Ed25519 by its own name', seal(ours.EdDSA, 'EdDSA', head('Ed25519'), claims),
  published('EdDSA', { alg: 'Ed25519' }), 'RFC 9864');
row('Ed25519 by its own name, key says EdDSA', seal(ours.EdDSA, 'EdDSA', head('Ed25519'), claims),
  published('EdDSA'), 'RFC 9864');

// -- one algorithm under the name of another

const disguised = (name, signed, said, jwks, note) =>
  row(name, seal(ours[signed], signed, head(said), claims), jwks, note);
const open = (alg) => set(ours[alg].jwk({ kid: KID }));
disguised('PS256 signature under RS256', 'PS256', 'RS256', open('RS256'));
disguised('RS256 signature under PS256', 'RS256', 'PS256', open('RS256'));
disguised('RS256 signature under RS512', 'RS256', 'RS512', open('RS256'));
disguised('HS256 signature under HS512', 'HS256', 'HS512', open('HS256'));
disguised('RS512 with a key for RS256', 'RS512', 'RS512', published('RS256'), 'alg of the JWK');
disguised('PS256 with a key for RS256', 'PS256', 'PS256', published('RS256'), 'alg of the JWK');
disguised('HS512 with a key for HS256', 'HS512', 'HS512', published('HS256'), 'alg of the JWK');
disguised('EdDSA with a key for ES256', 'EdDSA', 'EdDSA', published('ES256'));
disguised('ES256 with a key for EdDSA', 'ES256', 'ES256', published('EdDSA'));
disguised('ES256 with a key for RS256', 'ES256', 'ES256', published('RS256'));
disguised('HS256 with a key for RS256', 'HS256', 'HS256', published('RS256'));
for (const [alg, curve] of [['ES256', 'ES384'], ['ES384', 'ES256'], ['ES512', 'ES256']]) {
  row(`${alg} signed with the curve of ${curve}`,
    seal(ours[curve], alg, head(alg), claims), open(curve), 'alg fixes the curve');
}
row('ES256 signed with secp256k1', (() => {
  const key = Key.ec('secp256k1');
  return seal(key, 'ES256', head('ES256'), claims);
})(), published('ES256'));
for (const [name, saltLength] of [['no salt', 0], ['a salt of 20', 20], ['the longest salt', -2]]) {
  const input = `${encode(head('PS256'))}.${encode(claims)}`;
  const signature = ours.PS256.sign('PS256', input, { saltLength });
  row(`PS256 with ${name}`, `${input}.${signature.toString('base64url')}`, published('PS256'),
    'RFC 7518: the salt is as long as the hash');
}

// -- a public key as the secret

const spki = (alg) => ours[alg].publicKey.export({ type: 'spki', format: 'pem' });
const disguises = (alg) => {
  const { publicKey } = ours[alg];
  const { kty, kid, ...members } = ours[alg].jwk();
  const found = {
    'as PEM': spki(alg),
    'as PEM, trimmed': spki(alg).trim(),
    'as DER': publicKey.export({ type: 'spki', format: 'der' }),
    'as JWK': JSON.stringify(ours[alg].jwk({ kid: KID, alg })),
    'as JWK, bare': JSON.stringify(ours[alg].jwk()),
  };
  for (const name of ['n', 'x', 'y'].filter((name) => members[name])) {
    found[`as the bytes of ${name}`] = raw(members[name]);
    found[`as the text of ${name}`] = members[name];
  }
  if (members.n) found['as PKCS#1'] = publicKey.export({ type: 'pkcs1', format: 'pem' });
  if (members.y) {
    found['as the point'] = Buffer.concat([Buffer.of(4), raw(members.x), raw(members.y)]);
  }
  return Object.entries(found).map(([name, secret]) => [name, Key.secret(Buffer.from(secret))]);
};
for (const alg of ['RS256', 'ES256', 'EdDSA']) {
  for (const [name, secret] of disguises(alg)) {
    row(`HS256 with the key for ${alg} ${name}`,
      seal(secret, 'HS256', head('HS256'), claims), published(alg), 'the secret is public');
  }
  const [, secret] = disguises(alg)[0];
  row(`HS256 with the key for ${alg}, no alg in the key`,
    seal(secret, 'HS256', head('HS256'), claims), open(alg));
  row(`HS256 with the key for ${alg}, no kid`,
    seal(secret, 'HS256', { alg: 'HS256' }, claims), open(alg));
}
row('HS256 with the empty secret', (() => {
  const secret = Key.secret(Buffer.alloc(0));
  return seal(secret, 'HS256', head('HS256'), claims);
})(), published('RS256'));
for (const length of [0, 1, 16, 31, 32]) {
  const secret = Key.secret(Buffer.alloc(length, 7));
  row(`HS256, secret of ${length} bytes in the set`, seal(secret, 'HS256', head('HS256'), claims),
    set(secret.jwk({ kid: KID, alg: 'HS256' })), 'RFC 7518: at least as long as the hash');
}
row('HS512, secret of 32 bytes in the set', (() => {
  const secret = Key.secret(Buffer.alloc(32, 7));
  return seal(secret, 'HS512', head('HS512'), claims);
})(), set(Key.secret(Buffer.alloc(32, 7)).jwk({ kid: KID, alg: 'HS512' })),
'RFC 7518: at least as long as the hash');

// -- alg

for (const none of ['none', 'None', 'NONE', 'nOnE', 'none ', '']) {
  const unsigned = `${encode(head(none))}.${encode(claims)}.`;
  row(`alg ${JSON.stringify(none)}, no signature`, unsigned, published('RS256'));
  row(`alg ${JSON.stringify(none)}, signed`,
    unsigned + parts(honest('RS256'))[2], published('RS256'));
}
row('alg none, no kid', `${encode({ alg: 'none' })}.${encode(claims)}.`, published('RS256'));
row('alg none, empty set', `${encode({ alg: 'none' })}.${encode(claims)}.`, set());
row('alg none, empty secret in the set', `${encode({ alg: 'none' })}.${encode(claims)}.`,
  set({ kty: 'oct', k: '' }));
row('alg none, two parts', `${encode({ alg: 'none' })}.${encode(claims)}`, published('RS256'));
for (const [name, alg] of [
  ['missing', undefined], ['null', null], ['a number', 256], ['true', true], ['a list', ['ES256']],
  ['an object', { alg: 'ES256' }], ['unknown', 'XX256'], ['hs256', 'hs256'], ['es256', 'es256'],
  ['Es256', 'Es256'], ['followed by a space', 'ES256 '], ['followed by NUL', 'ES256\0'],
  ['after a space', ' ES256'], ['ES256K', 'ES256K'], ['RSA-OAEP', 'RSA-OAEP'], ['dir', 'dir'],
  ['A128KW', 'A128KW'], ['__proto__', '__proto__'], ['constructor', 'constructor'],
  ['long', 'ES256'.repeat(2000)],
]) {
  row(`alg ${name}`, seal(ours.ES256, 'ES256', head(alg), claims), open('ES256'));
}
row('alg hs256, lower case, with the secret',
  seal(ours.HS256, 'HS256', head('hs256'), claims), open('HS256'));
row('alg rs256, lower case', seal(ours.RS256, 'RS256', head('rs256'), claims), open('RS256'));
row('alg eddsa, lower case', seal(ours.EdDSA, 'EdDSA', head('eddsa'), claims), open('EdDSA'));
row('alg EDDSA, upper case', seal(ours.EdDSA, 'EdDSA', head('EDDSA'), claims), open('EdDSA'));
oddHeader('alg twice, none first', `{"alg":"none","alg":"ES256","kid":"${KID}"}`);
oddHeader('alg twice, none last', `{"alg":"ES256","alg":"none","kid":"${KID}"}`);
oddHeader('alg twice, the same', `{"alg":"ES256","alg":"ES256","kid":"${KID}"}`);
oddHeader('alg twice, once escaped', `{"alg":"none","\\u0061lg":"ES256","kid":"${KID}"}`);
oddHeader('alg escaped', `{"\\u0061lg":"\\u0045S256","kid":"${KID}"}`, 'the same string in JSON');
oddHeader('Alg, upper case', { Alg: 'ES256', kid: KID });

// -- kid

const named = (name, kid, jwks, note) =>
  row(`kid ${name}`, seal(ours.ES256, 'ES256', { alg: 'ES256', kid }, claims), jwks, note);
const key = (kid, owner = ours, members = {}) => owner.ES256.jwk({ kid, ...members });
named('missing, the only key has one', undefined, set(key(KID)));
named('missing, two keys have one', undefined, set(key(KID), key('key-2', theirs)));
named('missing, one of two keys has none', undefined, set(key('key-2', theirs), key(undefined)));
named('missing, two keys without', undefined, set(key(undefined, theirs), key(undefined)));
named('missing, keys of different kinds', undefined, set(ours.RS256.jwk(), ours.ES256.jwk()));
named('missing, named keys of different kinds', undefined,
  set(ours.RS256.jwk({ kid: 'a' }), ours.ES256.jwk({ kid: 'b' })));
named('unknown', 'key-9', set(key(KID)));
named('unknown, the key has none', 'key-9', set(key(undefined)));
named('unknown, another key without', 'key-9', set(key(KID, theirs), key(undefined)));
named('empty, key has an empty one', '', set(key('')));
named('empty, key has one', '', set(key(KID)));
named('empty, key has none', '', set(key(undefined)));
named('in other case', 'KEY-1', set(key(KID)));
named('followed by a space', `${KID} `, set(key(KID)));
named('followed by NUL', `${KID}\0`, set(key(KID)));
named('composed, key decomposed', 'caf\u00e9', set(key('cafe\u0301')));
named('not ASCII', '钥匙-é', set(key('钥匙-é')));
named('a path', '../../../dev/null', set(key(KID)));
named('an SQL fragment', "' OR 1=1 --", set(key(KID)));
named('long', 'k'.repeat(10000), set(key(KID)));
named('long, and known', 'k'.repeat(10000), set(key('k'.repeat(10000))));
for (const [name, kid] of [
  ['a number', 1], ['null', null], ['true', true], ['a list', [KID]], ['an object', { kid: KID }],
]) {
  named(name, kid, set(key(KID)));
  named(`${name}, key without`, kid, set(key(undefined)));
}
named('a number, key has it as a string', 1, set(key('1')));
named('a number, key has it as a number', 1, set(key(1)));
named('of two keys, the wrong first', KID, set(key(KID, theirs), key(KID)));
named('of two keys, the wrong last', KID, set(key(KID), key(KID, theirs)));
named('of two keys of different kinds', KID, set(ours.RS256.jwk({ kid: KID }), key(KID)));
named('of the key twice', KID, set(key(KID), key(KID)));
oddHeader('kid twice, unknown first', `{"alg":"ES256","kid":"key-9","kid":"${KID}"}`);
oddHeader('kid twice, unknown last', `{"alg":"ES256","kid":"${KID}","kid":"key-9"}`);
oddHeader('kid twice, the same', `{"alg":"ES256","kid":"${KID}","kid":"${KID}"}`);
oddHeader('kid with a lone surrogate', '{"alg":"ES256","kid":"\\ud800"}');

// -- the key set

const keyed = (name, alg, jwks, note) => row(`set ${name}`, honest(alg), jwks, note);
keyed('empty', 'ES256', set());
keyed('with a key of unknown type first', 'ES256',
  set({ kty: 'XX', kid: 'other' }, ...published('ES256').keys), 'one bad key spoils nothing');
keyed('with an empty object first', 'ES256', set({}, ...published('ES256').keys));
keyed('with a broken RSA key first', 'ES256',
  set({ kty: 'RSA', kid: 'other', n: '!', e: 'AQAB' }, ...published('ES256').keys));
keyed('with a broken key of the same kid first', 'ES256',
  set({ kty: 'EC', crv: 'P-256', kid: KID, x: 'AA', y: 'AA' }, ...published('ES256').keys));
keyed('with a key for encryption', 'ES256', published('ES256', { use: 'enc' }));
keyed('with an unknown use', 'ES256', published('ES256', { use: 'tls' }));
keyed('with use as a number', 'ES256', published('ES256', { use: 1 }));
keyed('with key_ops verify', 'ES256', published('ES256', { key_ops: ['verify'] }));
keyed('with key_ops sign', 'ES256', published('ES256', { key_ops: ['sign'] }));
keyed('with key_ops empty', 'ES256', published('ES256', { key_ops: [] }));
keyed('with key_ops as a string', 'ES256', published('ES256', { key_ops: 'verify' }));
keyed('with use sig and key_ops encrypt', 'ES256',
  published('ES256', { use: 'sig', key_ops: ['encrypt'] }));
keyed('with alg as a number', 'ES256', published('ES256', { alg: 256 }));
keyed('with alg in lower case', 'ES256', published('ES256', { alg: 'es256' }));
keyed('with an unknown member', 'ES256', published('ES256', { 'x-note': { a: [1] } }));
keyed('with the private key', 'ES256',
  set({ ...ours.ES256.privateKey.export({ format: 'jwk' }), kid: KID, alg: 'ES256' }));
keyed('with the private RSA key', 'RS256',
  set({ ...ours.RS256.privateKey.export({ format: 'jwk' }), kid: KID, alg: 'RS256' }));
keyed('with a point off the curve', 'ES256', published('ES256', { y: ours.ES256.jwk().x }));
keyed('with a key without y', 'ES256', published('ES256', { y: undefined }));
keyed('with another curve named', 'ES256', published('ES256', { crv: 'P-384' }));
keyed('with an unknown curve named', 'ES256', published('ES256', { crv: 'P-999' }));
keyed('with a padded x', 'ES256', published('ES256', { x: `${ours.ES256.jwk().x}=` }));
keyed('with a zero before x', 'ES256', published('ES256', {
  x: Buffer.concat([Buffer.of(0), raw(ours.ES256.jwk().x)]).toString('base64url'),
}), 'RFC 7518: as long as the curve asks');
keyed('with a zero before n', 'RS256', published('RS256', {
  n: Buffer.concat([Buffer.of(0), raw(ours.RS256.jwk().n)]).toString('base64url'),
}), 'RFC 7518: no leading zero; many encoders write one');
keyed('with RSA e = 1', 'RS256', published('RS256', { e: 'AQ' }));
keyed('with RSA e even', 'RS256', published('RS256', { e: 'AQAC' }));
keyed('with RSA without e', 'RS256', published('RS256', { e: undefined }));
for (const bits of [512, 1024, 2047]) {
  const weak = Key.rsa(bits);
  row(`set with an RSA key of ${bits} bits`, seal(weak, 'RS256', head('RS256'), claims),
    set(weak.jwk({ kid: KID, alg: 'RS256' })), 'RFC 7518: at least 2048 bits');
}
row('set with an RSA key where everything is its signature', (() => {
  const input = `${encode(head('RS256'))}.${encode(claims)}`;
  const info = Buffer.from('3031300d060960864801650304020105000420', 'hex');
  const digest = createHash('sha256').update(input).digest();
  const padding = Buffer.alloc(256 - 3 - info.length - digest.length, 0xff);
  const block = [Buffer.of(0, 1), padding, Buffer.of(0), info, digest];
  return `${input}.${Buffer.concat(block).toString('base64url')}`;
})(), published('RS256', { e: 'AQ' }), 'e = 1');
row('set with an Ed25519 key of small order', withSignature(
  honest('EdDSA'), Buffer.concat([Buffer.of(1), Buffer.alloc(63)])),
published('EdDSA', { x: Buffer.concat([Buffer.of(1), Buffer.alloc(31)]).toString('base64url') }),
'whose signature (1, 0) fits every message');

// -- crit and b64

for (const [name, crit, more = {}] of [
  ['empty', []], ['null', null], ['a string', 'exp'], ['a number', 1], ['true', true],
  ['an object', {}], ['of exp, not there', ['exp']], ['of exp, there', ['exp'], { exp: 1 }],
  ['of an unknown member', ['x-must'], { 'x-must': true }],
  ['of an unknown member that is not there', ['x-must']],
  ['of a number', [1]], ['of the empty string', [''], { '': 1 }], ['of alg', ['alg']],
  ['of kid', ['kid']], ['of b64 true', ['b64'], { b64: true }], ['of b64, not there', ['b64']],
  ['of b64 twice', ['b64', 'b64'], { b64: true }],
  ['of an URI', ['http://example.com/UNDEFINED'], { 'http://example.com/UNDEFINED': true }],
]) {
  oddHeader(`crit ${name}`, head('ES256', { crit, ...more }), 'RFC 7515, section 4.1.11');
}
oddHeader('crit twice, empty last', `{"alg":"ES256","kid":"${KID}","crit":["x"],"x":1,"crit":[]}`);
oddHeader('Crit, upper case', head('ES256', { Crit: ['x'], x: 1 }));
oddHeader('b64 true without crit', head('ES256', { b64: true }));
oddHeader('b64 false without crit, payload encoded', head('ES256', { b64: false }));
oddHeader('b64 a string without crit', head('ES256', { b64: 'false' }));
for (const [name, crit] of [['with', ['b64']], ['without', undefined]]) {
  const header = encode(head('ES256', { b64: false, crit }));
  row(`b64 false ${name} crit, payload plain`,
    signParts(ours.ES256, 'ES256', header, JSON.stringify(claims)), published('ES256'), 'RFC 7797');
  row(`b64 false ${name} crit, payload encoded and signed plain`, (() => {
    const payload = JSON.stringify(claims);
    const signature = ours.ES256.sign('ES256', `${header}.${payload}`);
    return `${header}.${encode(payload)}.${signature.toString('base64url')}`;
  })(), published('ES256'), 'RFC 7797');
}

// -- other header members

for (const [name, typ] of [
  ['missing', undefined], ['jwt', 'jwt'], ['JOSE', 'JOSE'], ['at+jwt', 'at+jwt'],
  ['application/jwt', 'application/jwt'], ['secevent+jwt', 'secevent+jwt'], ['empty', ''],
  ['null', null], ['a number', 1], ['a list', ['JWT']],
]) {
  oddHeader(`typ ${name}`, head('ES256', { typ }));
}
for (const [name, members] of [
  ['cty a number', { cty: 1 }], ['cty json', { cty: 'json' }], ['zip DEF', { zip: 'DEF' }],
  ['zip null', { zip: null }], ['enc', { enc: 'A256GCM' }], ['a nonce', { nonce: 'n' }],
  ['an url', { url: 'https://example.com/' }], ['iss and aud', { iss: 'x', aud: 'y' }],
  ['an unknown member', { 'x-note': { a: [1, { b: null }] } }],
  ['a long member', { x: 'x'.repeat(50000) }],
  ['many members', Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`m${i}`, i]))],
]) {
  oddHeader(`header with ${name}`, head('ES256', members));
}
row('nested token, cty JWT',
  seal(ours.ES256, 'ES256', head('ES256', { cty: 'JWT' }), honest('ES256')), published('ES256'));
row('claims under cty JWT',
  seal(ours.ES256, 'ES256', head('ES256', { cty: 'JWT' }), claims), published('ES256'));

// -- a key that the token brings

const attacker = (alg, members) => seal(theirs[alg], alg, head(alg, members), claims);
const theirJwk = theirs.ES256.jwk({ kid: KID, alg: 'ES256' });
const theirDer = theirs.ES256.publicKey.export({ type: 'spki', format: 'der' });
for (const [name, members] of [
  ['in jwk', { jwk: theirJwk }],
  ['in jwk, no kid', { jwk: theirs.ES256.jwk(), kid: undefined }],
  ['in jwk, kid of its own', { jwk: { ...theirJwk, kid: 'mine' }, kid: 'mine' }],
  ['at jku', { jku: 'https://attacker.example/jwks.json' }],
  ['at jku, a file', { jku: 'file:///etc/passwd' }],
  ['at x5u', { x5u: 'https://attacker.example/cert.pem' }],
  ['in x5c', { x5c: [theirDer.toString('base64')] }],
  ['named by x5t', { x5t: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA', 'x5t#S256': 'AAAA' }],
]) {
  row(`attacker's key ${name}`, attacker('ES256', members), published('ES256'));
}
for (const [name, members] of [
  ['our own key in jwk', { jwk: ours.ES256.jwk() }],
  ['our own jku', { jku: 'https://issuer.example/jwks.json' }],
  ['jwk a string', { jwk: 'x' }],
]) {
  oddHeader(name, head('ES256', members), 'signed by us');
}

// -- exp, nbf, iat

const VALUES = [
  ['a string of digits', `"${NOW}"`], ['a date string', '"2027-01-15T08:00:00Z"'],
  ['the empty string', '""'], ['null', 'null'], ['true', 'true'], ['false', 'false'],
  ['an object', '{}'], ['a list', `[${NOW}]`], ['zero', '0'], ['minus zero', '-0'],
  ['minus one', '-1'],
  ['the lowest i64', '-9223372036854775808'], ['below i64', '-9223372036854775809'],
  ['minus 1e400', '-1e400'], ['2^53 + 1', '9007199254740993'],
  ['the highest i64', '9223372036854775807'],
  ['2^63', '9223372036854775808'], ['the highest u64', '18446744073709551615'],
  ['2^64', '18446744073709551616'], ['2^64 + 1', '18446744073709551617'],
  ['a hundred digits', '9'.repeat(100)],
  ['1e308', '1e308'], ['1e400', '1e400'], ['1e-400', '1e-400'],
  ['a huge exponent', '1e99999999999999999999'],
  ['the year 10000', '253402300800'], ['milliseconds', `${NOW}300`],
  ['not a number', 'NaN'], ['Infinity', 'Infinity'], ['hexadecimal', '0x7fffffff'],
  ['with a leading zero', `0${NOW}`], ['with a plus', `+${NOW}`], ['with a bare point', `${NOW}.`],
];
const TIMES = {
  exp: [
    ['now', NOW], ['now + 1', NOW + 1], ['now - 1', NOW - 1], ['now + 0.5', NOW + 0.5],
    ['now - 0.5', NOW - 0.5], ['now + 300.5', NOW + 300.5], ['now + 300.0', `${NOW + 300}.0`],
    ['now + 300 with an exponent', '1.8000003e9'], ['now + 300 by an exponent', '18000003E+2'],
    ['a billionth after now', `${NOW}.000000001`], ['now + 300 as a string', `"${NOW + 300}"`],
    ['a float beyond doubles after now', `${NOW}.00000000000000000001`],
  ],
  nbf: [
    ['now', NOW], ['now + 1', NOW + 1], ['now - 1', NOW - 1], ['now + 0.5', NOW + 0.5],
    ['now - 0.5', NOW - 0.5], ['now - 300.0', `${NOW - 300}.0`], ['after exp', NOW + 400],
    ['a billionth after now', `${NOW}.000000001`], ['now - 300 as a string', `"${NOW - 300}"`],
  ],
  iat: [
    ['now', NOW], ['now + 1', NOW + 1], ['now - 1', NOW - 1], ['ten years ahead', NOW + 315360000],
    ['now + 0.5', NOW + 0.5], ['after exp', NOW + 400], ['now - 300 as a string', `"${NOW - 300}"`],
  ],
};
const timed = (name, value) => {
  const rest = name === 'exp' ? '' : `"exp":${NOW + 300},`;
  return `{"iss":"issuer",${rest}"${name}":${value},"jti":"id-1"}`;
};
for (const [claim, times] of Object.entries(TIMES)) {
  for (const [name, value] of [...VALUES, ...times]) {
    oddPayload(`${claim} ${name}`, timed(claim, value));
  }
  const [good, bad] = claim === 'exp' ? [NOW + 300, 1] : [1, NOW + 200];
  const escaped = `\\u00${claim.charCodeAt(0).toString(16)}${claim.slice(1)}`;
  oddPayload(`${claim} twice, good last`, timed(claim, `${bad},"${claim}":${good}`));
  oddPayload(`${claim} twice, good first`, timed(claim, `${good},"${claim}":${bad}`));
  oddPayload(`${claim} twice, the same`, timed(claim, `${good},"${claim}":${good}`));
  oddPayload(`${claim} twice, good last and escaped`, timed(claim, `${bad},"${escaped}":${good}`));
}
oddPayload('exp missing', { iss: 'issuer', jti: 'id-1' });
oddPayload('Exp, upper case, past', { ...claims, Exp: 1 });
oddPayload('exp in an object', { iss: 'issuer', claims: { exp: 1 } });

// -- iss, sub, aud, jti

for (const [claim, values] of Object.entries({
  iss: [['a list', ['issuer']], ['a number', 1], ['null', null], ['empty', ''], ['an object', {}]],
  sub: [['a number', 1], ['null', null], ['a list', ['user']], ['missing', undefined]],
  aud: [
    ['a string', 'api'], ['a list', ['api', 'other']], ['an empty list', []], ['a number', 1],
    ['a list of numbers', [1]], ['a list with a list', [['api']]], ['null', null],
    ['an object', {}],
  ],
  jti: [
    ['missing', undefined], ['empty', ''], ['a number', 1], ['null', null], ['true', true],
    ['a list', ['id-1']], ['an object', {}], ['long', 'j'.repeat(10000)],
    ['with NUL', 'id\u0000-1'],
    ['with a line feed', 'id\n-1'], ['not ASCII', '标识-é'],
  ],
})) {
  for (const [name, value] of values) oddPayload(`${claim} ${name}`, { ...claims, [claim]: value });
  oddPayload(`${claim} twice`,
    `{"exp":${NOW + 300},"${claim}":"one","${claim}":"two"}`);
}
oddPayload('jti with a lone surrogate', `{"exp":${NOW + 300},"jti":"\\ud800"}`);
oddPayload('an unknown claim twice', `{"exp":${NOW + 300},"role":"user","role":"admin"}`);
oddPayload('an unknown claim twice, deeper', `{"exp":${NOW + 300},"x":{"a":1,"a":2}}`);
oddPayload('a claim named __proto__', `{"exp":${NOW + 300},"__proto__":{"admin":true}}`);
oddPayload('a claim with the empty name', `{"exp":${NOW + 300},"":1}`);
oddPayload('many claims',
  { ...claims, ...Object.fromEntries(Array.from({ length: 10000 }, (_, i) => [`c${i}`, i])) });
oddPayload('a long claim', { ...claims, x: 'x'.repeat(200000) });
oddPayload('a number of many digits in a claim', `{"exp":${NOW + 300},"x":1${'0'.repeat(5000)}}`);

// -- what is not a JSON object, as payload and as header

const deep = (levels, inside = '1') => '['.repeat(levels) + inside + ']'.repeat(levels);
const around = (good) => [
  ['empty', ''], ['not JSON', 'hello'], ['binary', Buffer.of(0, 255, 254, 1)],
  ['a list', `[${good}]`],
  ['an empty list', '[]'], ['a string', '"text"'], ['a number', '1'], ['null', 'null'],
  ['true', 'true'],
  ['an empty object', '{}'], ['after a byte order mark', `\ufeff${good}`],
  ['in UTF-16', Buffer.from(good, 'utf16le')],
  ['in UTF-16 with a byte order mark', Buffer.from(`\ufeff${good}`, 'utf16le')],
  ['after spaces', ` \t\r\n${good}`], ['before spaces', `${good} \t\r\n`],
  ['before a form feed', `${good}\f`],
  ['before NUL', `${good}\0`], ['before garbage', `${good}x`],
  ['before another object', `${good}{}`],
  ['before another, on a line', `${good}\n${good}`], ['cut short', good.slice(0, -1)],
  ['with a comma before the end', good.replace(/}$/, ',}')],
  ['with a comment', good.replace(/^{/, '{/* */')],
  ['with single quotes', good.replaceAll('"', "'")],
  ['with a name without quotes', good.replace(/^{"(\w+)"/, '{$1')],
  ['as a string of JSON', JSON.stringify(good)],
];
const inside = (good) => {
  const member = (text) => Buffer.concat([
    Buffer.from(good.replace(/}$/, ',"x":"')), Buffer.from(text), Buffer.from('"}'),
  ]);
  return [
    ['with invalid UTF-8', member(Buffer.of(0xff))],
    ['with UTF-8 cut short', member(Buffer.of(0xe8, 0xb7))],
    ['with an overlong slash', member(Buffer.of(0xc0, 0xaf))],
    ['with a surrogate in UTF-8', member(Buffer.of(0xed, 0xa0, 0x80))],
    ['with a code point past U+10FFFF', member(Buffer.of(0xf4, 0x90, 0x80, 0x80))],
    ['with invalid UTF-8 in a name', Buffer.concat([
      Buffer.from(good.replace(/}$/, ',"')), Buffer.of(0xff), Buffer.from('":1}')])],
    ['with a high surrogate escaped alone', member('\\ud800')],
    ['with a low surrogate escaped alone', member('\\udc00')],
    ['with surrogates escaped in reverse', member('\\udc00\\ud800')],
    ['with a pair escaped', member('\\ud83d\\ude00')],
    ['with a lone surrogate escaped in a name', good.replace(/}$/, ',"\\ud800":1}')],
    ['with NUL escaped', member('\\u0000')], ['with a raw control character', member('\u0001')],
    ['with a raw line feed', member('\n')], ['with a bad escape', member('\\x41')],
    ['with a noncharacter', member('\uffff')],
    ...[100, 127, 128, 129, 1000, 100000].map((levels) =>
      [`${levels} lists deep`, good.replace(/}$/, `,"x":${deep(levels)}}`)]),
    ['100000 lists deep, never closed', good.replace(/}$/, `,"x":${'['.repeat(100000)}`)],
    ['10000 objects deep',
      good.replace(/}$/, `,"x":${'{"a":'.repeat(10000)}1${'}'.repeat(10000)}}`)],
  ];
};
const texts = (good) => [...around(good), ...inside(good)];
for (const [name, text] of texts(JSON.stringify(claims))) oddPayload(`payload ${name}`, text);
for (const [name, text] of texts(JSON.stringify(head('ES256')))) oddHeader(`header ${name}`, text);

// -- base64

// Both parts leave bits over, and have - and _ in them.
const telling = (text) => text.length % 4 !== 0 && /-/.test(text) && /_/.test(text);
const tell = (members) => {
  for (let x = '???>>>~~~ÿÿÿ'; ; x += '.') {
    const text = encode({ ...members, x });
    if (telling(text)) return text;
  }
};
const longHeader = tell(head('ES256'));
const longPayload = tell(claims);
const spellings = (text) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet[alphabet.indexOf(text.at(-1)) ^ 1];
  const middle = Math.floor(text.length / 2);
  const at = (character) => text.slice(0, middle) + character + text.slice(middle);
  return [
    ['padded', text + '='.repeat((4 - (text.length % 4)) % 4)], ['padded too much', `${text}====`],
    ['padded with one =', `${text}=`], ['padded in the middle', at('=')],
    ['with + and /', text.replaceAll('-', '+').replaceAll('_', '/')],
    ['with a space', at(' ')], ['after a space', ` ${text}`], ['before a space', `${text} `],
    ['with a line feed', at('\n')], ['before a line feed', `${text}\n`], ['with a tab', at('\t')],
    ['with a form feed', at('\f')], ['with NUL', at('\0')],
    ['with a no-break space', at('\u00a0')], ['with a full-width letter', at('\uff21')],
    ['with a question mark', at('?')], ['before a question mark', `${text}?`],
    ['with a percent escape', at('%2D')],
    ['with bits left over', text.slice(0, -1) + last], ['one letter longer', `${text}A`],
    ['one letter shorter', text.slice(0, -1)], ['of one letter', 'A'], ['empty', ''],
  ];
};
for (const [name, header] of spellings(longHeader)) {
  row(`base64 of the header ${name}, signed so`,
    signParts(ours.ES256, 'ES256', header, longPayload), published('ES256'));
}
for (const [name, payload] of spellings(longPayload)) {
  row(`base64 of the payload ${name}, signed so`,
    signParts(ours.ES256, 'ES256', longHeader, payload), published('ES256'));
}
const spelled = search(
  (claims) => seal(ours.ES256, 'ES256', head('ES256'), claims),
  (token) => telling(parts(token)[2]));
for (const [name, signature] of spellings(parts(spelled)[2])) {
  row(`base64 of the signature ${name}`,
    [...parts(spelled).slice(0, 2), signature].join('.'), published('ES256'));
}
for (const index of [0, 1]) {
  const whole = signParts(ours.ES256, 'ES256', longHeader, longPayload);
  for (const name of ['padded', 'with + and /', 'with a line feed', 'with bits left over']) {
    const changedParts = parts(whole);
    changedParts[index] = new Map(spellings(changedParts[index])).get(name);
    row(`base64 of the ${index ? 'payload' : 'header'} ${name}, after signing`,
      changedParts.join('.'), published('ES256'));
  }
}
row('base64 of the HS256 signature with bits left over', (() => {
  const token = honest('HS256');
  return token.slice(0, -43) + new Map(spellings(token.slice(-43))).get('with bits left over');
})(), published('HS256'));

// -- signatures

for (const alg of ['HS256', 'RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA']) {
  // OpenSSL takes an RSA signature without the zero that it begins with, as one of 256 does.
  const token = search(
    (claims) => seal(ours[alg], alg, head(alg), claims),
    (sealed) => raw(parts(sealed)[2])[0] !== 0,
  );
  const good = raw(parts(token)[2]);
  for (const [name, signature] of [
    ['empty', Buffer.alloc(0)], ['of one byte', good.subarray(0, 1)],
    ['without its last byte', good.subarray(0, -1)], ['without its first byte', good.subarray(1)],
    ['of half its length', good.subarray(0, good.length / 2)],
    ['before a zero', Buffer.concat([good, Buffer.alloc(1)])],
    ['after a zero', Buffer.concat([Buffer.alloc(1), good])],
    ['twice', Buffer.concat([good, good])], ['of zeros', Buffer.alloc(good.length)],
    ['of ones', Buffer.alloc(good.length, 0xff)],
    ['with its first bit changed', changed(good, 0)],
    ['with its last bit changed', changed(good, -1)],
    ['of 100000 bytes', Buffer.alloc(100000, 1)],
    ['as hexadecimal', Buffer.from(good.toString('hex'))],
  ]) {
    row(`${alg} signature ${name}`, withSignature(token, signature), published(alg));
  }
}
for (const alg of ['ES256', 'ES384', 'ES512']) {
  const token = honest(alg);
  const [r, s] = halves(raw(parts(token)[2]));
  const [length, n] = [r.length, ORDER[alg]];
  const half = (value) => (typeof value === 'bigint' ? buffer(value, length) : value);
  const pair = (name, first, second, note) =>
    row(`${alg} signature ${name}`,
      withSignature(token, Buffer.concat([half(first), half(second)])), published(alg), note);
  const high = number(s) > n / 2n ? s : buffer(n - number(s), length);
  pair('with a high s', r, high, 'n - s is as good as s');
  pair('with a low s', r, buffer(n - number(high), length), 'n - s is as good as s');
  for (const [name, first] of [['0', 0n], ['1', 1n], ['n - 1', n - 1n], ['n', n]]) {
    for (const [other, second] of [['0', 0n], ['1', 1n], ['n - 1', n - 1n], ['n', n]]) {
      pair(`r = ${name}, s = ${other}`, first, second, 'CVE-2022-21449');
    }
  }
  pair('with r = 0', 0n, s);
  pair('with s = 0', r, 0n);
  pair('with its halves exchanged', s, r);
  pair('with r + n', buffer(number(r) + n, length + 1), buffer(number(s), length + 1));
  pair('with s + n', buffer(number(r), length + 1), buffer(number(s) + n, length + 1));
  for (const [name, wide] of [['a zero', length + 1], ['many zeros', 256]]) {
    pair(`with ${name} before each half`, buffer(number(r), wide), buffer(number(s), wide));
  }
  const input = parts(token).slice(0, 2).join('.');
  const der = ours[alg].sign(alg, input, { dsaEncoding: 'der' });
  row(`${alg} signature in DER`, `${input}.${der.toString('base64url')}`, published(alg));
}
row('EdDSA signature with S + L', (() => {
  const token = honest('EdDSA');
  const [R, S] = halves(raw(parts(token)[2]));
  const sum = number(Buffer.from(S).reverse()) + ED25519_ORDER;
  return withSignature(token, Buffer.concat([R, buffer(sum, 32).reverse()]));
})(), published('EdDSA'), 'RFC 8032: S is below L');
row('EdDSA signature with R = identity, S = 0', withSignature(
  honest('EdDSA'), Buffer.concat([Buffer.of(1), Buffer.alloc(63)])), published('EdDSA'));
row('RS256 signature + n', (() => {
  const n = number(raw(ours.RS256.jwk().n));
  const token = search((claims) => seal(ours.RS256, 'RS256', head('RS256'), claims),
    (token) => number(raw(parts(token)[2])) + n < 2n ** 2048n);
  return withSignature(token, buffer(number(raw(parts(token)[2])) + n, 256));
})(), published('RS256'), 'a signature is below n');
row('RS256 signature that begins with zero', search(
  (claims) => seal(ours.RS256, 'RS256', head('RS256'), claims),
  (token) => raw(parts(token)[2])[0] === 0), published('RS256'));
row('RS256 signature that begins with zero, without it', (() => {
  const token = search((claims) => seal(ours.RS256, 'RS256', head('RS256'), claims),
    (token) => raw(parts(token)[2])[0] === 0);
  return withSignature(token, raw(parts(token)[2]).subarray(1));
})(), published('RS256'), 'RFC 8017: as long as n');
row('ES256 signature whose r begins with zero', search(
  (claims) => seal(ours.ES256, 'ES256', head('ES256'), claims),
  (token) => raw(parts(token)[2])[0] === 0), published('ES256'));
row('ES512 signature of 130 bytes', (() => {
  const token = search((claims) => seal(ours.ES512, 'ES512', head('ES512'), claims),
    (token) => halves(raw(parts(token)[2])).every((half) => half[0] === 0));
  const short = halves(raw(parts(token)[2])).map((half) => half.subarray(1));
  return withSignature(token, Buffer.concat(short));
})(), published('ES512'), 'RFC 7518: 132 bytes');
row('HS256 signature cut to 16 bytes', withSignature(
  honest('HS256'), raw(parts(honest('HS256'))[2]).subarray(0, 16)), published('HS256'));

// -- parts and what surrounds them

const whole = honest('ES256');
const [header, payload, signature] = parts(whole);
for (const [name, token] of [
  ['empty', ''], ['a dot', '.'], ['two dots', '..'], ['three dots', '...'], ['four dots', '....'],
  ['one part', header], ['two parts', `${header}.${payload}`],
  ['four parts', `${whole}.${signature}`],
  ['five parts', `${whole}.${payload}.${signature}`], ['a dot at the end', `${whole}.`],
  ['a dot at the start', `.${whole}`], ['a dot doubled', `${header}..${payload}.${signature}`],
  ['no header', `.${payload}.${signature}`], ['no payload', `${header}..${signature}`],
  ['no signature', `${header}.${payload}.`], ['no header and no signature', `.${payload}.`],
  ['parts exchanged', `${payload}.${header}.${signature}`], ['a space before', ` ${whole}`],
  ['a space after', `${whole} `], ['a tab before', `\t${whole}`],
  ['a line feed after', `${whole}\n`],
  ['CRLF after', `${whole}\r\n`], ['NUL after', `${whole}\0`],
  ['a byte order mark before', `\ufeff${whole}`],
  ['a space around the dots', `${header} . ${payload} . ${signature}`],
  ['another separator', `${header}:${payload}:${signature}`],
  ['a full-width dot', whole.replace('.', '\uff0e')],
  ['an escaped dot', whole.replace('.', '%2E')], ['a scheme', `Bearer ${whole}`],
  ['quotes', `"${whole}"`],
  ['twice with a comma', `${whole},${whole}`], ['twice with a space', `${whole} ${whole}`],
  ['in upper case', whole.toUpperCase()], ['not a token', 'hello'], ['long', 'a'.repeat(300000)],
  ['many dots', '.'.repeat(100000)],
  ['as JSON, flattened', JSON.stringify({ protected: header, payload, signature })],
  ['as JSON, general', JSON.stringify({ payload, signatures: [{ protected: header, signature }] })],
]) {
  row(`token ${name}`, token, published('ES256'));
}
row('token of two parts, signature over both', (() => {
  const input = `${header}.${payload}`;
  return `${input}${ours.ES256.sign('ES256', input).toString('base64url')}`;
})(), published('ES256'));
row('encrypted token', await new CompactEncrypt(Buffer.from(JSON.stringify(claims)))
  .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: KID })
  .encrypt(ours.HS256.secret.subarray(0, 32)),
set(Key.secret(ours.HS256.secret.subarray(0, 32)).jwk({ kid: KID })), 'five parts');
row('encrypted token to our RSA key', await new CompactEncrypt(Buffer.from(JSON.stringify(claims)))
  .setProtectedHeader({ alg: 'RSA-OAEP', enc: 'A256GCM', kid: KID })
  .encrypt(createPublicKey(spki('RS256'))), open('RS256'), 'five parts, made without a secret');

const text = (claims) => {
  try {
    return JSON.stringify(claims);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
};
const names = new Set(rows.map(({ name }) => name));
if (names.size !== rows.length) throw new Error('two rows have one name');
for (const made of rows) {
  const { claims, ...jose } = await judge(made.token, made.jwks, made.now);
  if (jose.ok) jose.claims = text(claims);
  process.stdout.write(`${JSON.stringify({ ...made, jose })}\n`);
}
