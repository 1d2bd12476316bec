// npm `@alicloud/pop-core`: RPC and ROA.

import { createRequire } from 'node:module';
import pop from '@alicloud/pop-core';
import { ACTION, JSON_BODY, TEXTS, VERSION } from './calls.js';

// The SDK has a copy of its own.
const require = createRequire(import.meta.resolve('@alicloud/pop-core'));
const kitx = require('kitx');
const LISTS = { tag: [{ Key: 'a', Value: '1' }, { Key: '你' }], ids: ['x', 'y'], deep: [['z']] };
const JSON_TYPE = { 'content-type': 'application/json' };

function config(who, account) {
  return {
    endpoint: `http://${who.address}`,
    apiVersion: VERSION,
    accessKeyId: account.key,
    accessKeySecret: account.secret,
    securityToken: account.token,
  };
}

// [name, what calls]
export function cases(who) {
  const rpc = (account, params, method = 'GET') =>
    new pop.RPCClient(config(who, account)).request(ACTION, { ...params }, { method });
  const roa = (account, method, path, query = {}, body = '', headers = {}) =>
    new pop.ROAClient(config(who, account)).request(method, path, { ...query }, body, { ...headers });
  const { usual } = who;
  const text = JSON.stringify(JSON_BODY);
  const path = `/apis/${encodeURIComponent('你 好*~')}`;
  const fixed = (nonce, call) => async () => {
    const { makeNonce } = kitx;
    kitx.makeNonce = () => nonce;
    try {
      return await call();
    } finally {
      kitx.makeNonce = makeNonce;
    }
  };
  const alike = (scheme, get) => [
    [`${scheme}_sts`, () => get(who.temporary)],
    [`${scheme}_without_token`, () => get(who.tokenless)],
    [`${scheme}_inactive`, () => get(who.inactive)],
    [`${scheme}_wrong_key`, () => get(who.stranger)],
    [`${scheme}_wrong_secret`, () => get(who.mistaken)],
    [`${scheme}_nonce_first`, fixed(`pop-${scheme}-once`, () => get(usual))],
    [`${scheme}_nonce_again`, fixed(`pop-${scheme}-once`, () => get(usual))],
  ];
  return [
    ['rpc_get', () => rpc(usual, TEXTS)],
    ['rpc_get_list', () => rpc(usual, LISTS)],
    ['rpc_get_wide_names', () => rpc(usual, { 'A𝄞': '1', 'A\uff21': '2' })],
    ['rpc_post_form', () => rpc(usual, { ...TEXTS, ...LISTS }, 'POST')],
    ...alike('rpc', (account) => rpc(account, TEXTS)),
    ['roa_get', () => roa(usual, 'GET', '/apis/1', TEXTS)],
    ['roa_get_unicode_path', () => roa(usual, 'GET', path)],
    // It signs a list as one value joined with commas, and sends each.
    ['roa_get_list', () => roa(usual, 'GET', '/apis', { a: ['x', 'y'] })],
    ['roa_get_tab', () => roa(usual, 'GET', '/apis', {}, '', { 'x-acs-note': 'a\tb' })],
    ['roa_post_json', () => roa(usual, 'POST', '/apis', TEXTS, text, JSON_TYPE)],
    ['roa_put_json', () => roa(usual, 'PUT', '/apis/1', {}, text, JSON_TYPE)],
    ['roa_delete', () => roa(usual, 'DELETE', '/apis/1')],
    ...alike('roa', (account) => roa(account, 'GET', '/apis', TEXTS)),
  ];
}

export const told = (error) => ({
  class: error.name,
  code: error.code,
  message: error.message,
  request_id: (error.data ?? error.result)?.RequestId,
});
