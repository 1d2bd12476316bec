// npm `@alicloud/openapi-client`: V3, and RPC and ROA by `signatureAlgorithm`.

import { createHash } from 'node:crypto';
import openapi from '@alicloud/openapi-client';
import openapiUtil from '@alicloud/openapi-util';
import teaUtil from '@alicloud/tea-util';
import kitx from 'kitx';
import { ACTION, JSON_BODY, TEXTS, VERSION } from './calls.js';

const { default: Client, Config, OpenApiRequest, Params } = openapi;
const NESTED = { Tag: [{ Key: 'a', Value: '1' }, { Key: '你' }], Ids: ['x', 'y'], Of: { A: 1 } };

// [name, what calls]
export function cases(who) {
  const { usual } = who;
  const query = openapiUtil.default.query(NESTED);
  const named = { 名: 'é', 'A:b': '1', 'f[0]': '2' };
  // The header that the SDK leaves out, and signs if it is there.
  const text = teaUtil.default.toJSONString(JSON_BODY);
  const digest = { 'content-md5': createHash('md5').update(text).digest('base64') };
  const path = `/apis/${encodeURIComponent('你 好')}`;

  async function call(account, signatureAlgorithm, style, method, pathname, content, type = 'json') {
    const client = new Client(new Config({
      accessKeyId: account.key,
      accessKeySecret: account.secret,
      securityToken: account.token,
      endpoint: who.address,
      protocol: 'http',
      regionId: 'cn-hangzhou',
      signatureAlgorithm,
    }));
    const params = new Params({
      action: ACTION,
      version: VERSION,
      protocol: 'HTTP',
      pathname,
      method,
      authType: 'AK',
      style,
      reqBodyType: type,
      bodyType: 'json',
    });
    const runtime = new teaUtil.RuntimeOptions({});
    return (await client.callApi(params, new OpenApiRequest(content), runtime)).body;
  }
  const by = (algorithm, style) => (account, method, at, content = {}, type = 'json') =>
    call(account, algorithm, style, method, at, content, type);
  const fixed = (nonce, made) => async () => {
    const { makeNonce } = kitx;
    kitx.makeNonce = () => nonce;
    try {
      return await made();
    } finally {
      kitx.makeNonce = makeNonce;
    }
  };
  const alike = (scheme, api, at) => {
    const get = (account) => api(account, 'GET', at, { query: { A: '1' } });
    return [
      [`${scheme}_sts`, () => get(who.temporary)],
      [`${scheme}_without_token`, () => get(who.tokenless)],
      [`${scheme}_inactive`, () => get(who.inactive)],
      [`${scheme}_wrong_key`, () => get(who.stranger)],
      [`${scheme}_wrong_secret`, () => get(who.mistaken)],
      [`${scheme}_nonce_first`, fixed(`tea-js-${scheme}-once`, () => get(usual))],
      [`${scheme}_nonce_again`, fixed(`tea-js-${scheme}-once`, () => api(usual, 'POST', at))],
    ];
  };

  const rpc = by('v2', 'RPC');
  const roa = by('v2', 'ROA');
  const v3 = by(undefined, 'RPC');
  const v3Roa = by(undefined, 'ROA');
  const sm3 = by('ACS3-HMAC-SM3', 'RPC');
  return [
    ['rpc_get', () => rpc(usual, 'GET', '/', { query: TEXTS })],
    ['rpc_get_list', () => rpc(usual, 'GET', '/', { query })],
    ['rpc_post_form', () => rpc(usual, 'POST', '/', { body: NESTED, query: TEXTS }, 'formData')],
    ...alike('rpc', rpc, '/'),
    ['roa_get', () => roa(usual, 'GET', '/apis/1', { query: TEXTS })],
    ['roa_get_unicode_path', () => roa(usual, 'GET', path)],
    ['roa_post_json', () => roa(usual, 'POST', '/apis', { body: JSON_BODY, query: TEXTS })],
    ['roa_post_with_digest', () => roa(usual, 'POST', '/apis', { body: JSON_BODY, headers: digest })],
    ['roa_put_form', () => roa(usual, 'PUT', '/apis/1', { body: NESTED }, 'formData')],
    ['roa_delete', () => roa(usual, 'DELETE', '/apis/1')],
    ...alike('roa', roa, '/apis'),
    ['v3_get', () => v3(usual, 'GET', '/', { query: TEXTS })],
    ['v3_get_list', () => v3(usual, 'GET', '/', { query })],
    ['v3_get_reserved_names', () => v3(usual, 'GET', '/', { query: named })],
    ['v3_get_ambiguous_names', () => v3(usual, 'GET', '/', { query: { 'a b': '1' } })],
    ['v3_post_form', () => v3(usual, 'POST', '/', { body: NESTED, query: TEXTS }, 'formData')],
    ['v3_post_json', () => v3(usual, 'POST', '/', { body: JSON_BODY, query })],
    ['v3_post_bytes', () => v3(usual, 'POST', '/', { body: Buffer.from([0, 255]) }, 'byte')],
    ['v3_sm3', () => sm3(usual, 'POST', '/', { body: JSON_BODY, query: TEXTS })],
    ['v3_roa_get', () => v3Roa(usual, 'GET', path, { query: TEXTS })],
    ['v3_roa_get_rewritten_path', () => v3Roa(usual, 'GET', '/apis/a*b~c')],
    ['v3_roa_get_plus_path', () => v3Roa(usual, 'GET', '/apis/a+b')],
    ['v3_roa_get_escaped_plus_path', () => v3Roa(usual, 'GET', '/apis/a%2Bb')],
    ['v3_roa_post_json', () => v3Roa(usual, 'POST', '/apis', { body: JSON_BODY })],
    ['v3_roa_put_form', () => v3Roa(usual, 'PUT', path, { body: NESTED }, 'formData')],
    ['v3_roa_delete', () => v3Roa(usual, 'DELETE', '/apis/1')],
    ...alike('v3', v3, '/'),
    ...alike('v3_roa', v3Roa, '/apis'),
  ];
}

export const told = (error) => ({
  class: error.constructor.name,
  code: error.code,
  message: error.message,
  request_id: error.data?.RequestId,
});
