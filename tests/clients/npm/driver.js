// Runs the npm package `aliyun-api-gateway`, unmodified, against a server, and prints one JSON line
// per case: {name, ok, status, code, message, body}. It decides nothing: what each case must answer
// under which policy stands in tests/npm_client.rs.
//
// Usage: node driver.js BASE_URL APP_KEY APP_SECRET APP_CODE

import { createHash } from 'node:crypto';
import sdk from 'aliyun-api-gateway';

const { Client, SimpleClient, CONTENT_TYPE_FORM, CONTENT_TYPE_TEXT } = sdk;

const [base, key, secret, appCode] = process.argv.slice(2);
if (!appCode) {
  console.error('usage: node driver.js BASE_URL APP_KEY APP_SECRET APP_CODE');
  process.exit(2);
}

const client = new Client(key, secret);
const simple = new SimpleClient(appCode);
const form = { 'content-type': CONTENT_TYPE_FORM };
const params = { name: '你好', empty: '', text: 'a b+c%', amp: 'x&y=z', 名: 'é', zero: 0 };
const json = { name: '你好', list: [1, 2] };
const minutes = (count) => Date.now() + count * 60 * 1000;
const md5 = (text) => createHash('md5').update(text).digest('base64');
const at = (path) => base + path;

// The SDK fills its options in, so each case makes its own.
const cases = [
  ['get', () => client.get(at('/items'))],
  ['get_root', () => client.get(base)],
  ['get_query_in_url', () => client.get(at('/items?b=2&a=1&flag&empty='))],
  ['get_query_option', () => client.get(at('/items?z=1'), { query: { ...params } })],
  ['get_data_option', () => client.get(at('/items'), { data: { ...params } })],
  ['get_encoded_path', () => client.get(at('/%E8%B7%AF/a%20b+c'))],
  ['get_percent_path', () => client.get(at('/100%25'))],
  ['get_form_type', () => client.get(at('/items?a=1'), { headers: { ...form } })],
  ['get_repeated_parameter', () => client.get(at('/items'), { query: { a: [1, 2] } })],
  ['get_other_stage', () => new Client(key, secret, 'TEST').get(at('/items'))],
  ['post_form', () => client.post(at('/items'), { headers: { ...form }, data: { ...params } })],
  ['post_form_and_query', () =>
    client.post(at('/items?q=1'), { headers: { ...form }, query: { r: '2' }, data: { a: '3' } })],
  ['post_form_clash', () =>
    client.post(at('/items?a=1'), { headers: { ...form }, data: { a: '2' } })],
  ['post_form_empty', () => client.post(at('/items'), { headers: { ...form }, data: {} })],
  ['post_json', () => client.post(at('/items'), { data: { ...json } })],
  ['post_json_and_query', () => client.post(at('/items'), { query: { a: '1' }, data: { ...json } })],
  ['post_text', () =>
    client.post(at('/items'), { headers: { 'Content-Type': CONTENT_TYPE_TEXT }, data: '你好' })],
  ['post_bytes', () => client.post(at('/items'), {
    headers: { 'content-type': 'application/octet-stream' },
    data: Buffer.from([0, 255, 254]),
  })],
  ['put_json', () => client.put(at('/items'), { data: { ...json } })],
  ['put_json_with_md5', () => client.put(at('/items'), {
    headers: { 'content-md5': md5(JSON.stringify(json)) },
    data: { ...json },
  })],
  ['put_form', () => client.put(at('/items'), { headers: { ...form }, data: { ...params } })],
  ['delete', () => client.delete(at('/items/1'), {})],
  ['delete_query', () => client.delete(at('/items/1'), { query: { ...params } })],
  ['signed_header', () => client.get(at('/items'), { signHeaders: { 'X-Tenant': 'a, b  c' } })],
  ['signed_header_empty', () => client.get(at('/items'), { signHeaders: { 'X-Tenant': '' } })],
  // Node sends Latin-1 and the SDK signs UTF-8; beyond Latin-1 Node does not send at all.
  ['signed_header_latin_1', () => client.get(at('/items'), { signHeaders: { 'X-Tenant': 'é' } })],
  ['signed_header_unicode', () => client.get(at('/items'), { signHeaders: { 'X-Tenant': '你' } })],
  ['app_code_get', () => simple.get(at('/items'), { query: { ...params } })],
  ['app_code_post', () => simple.post(at('/items'), { data: { ...json } })],
  ['app_code_put', () => simple.put(at('/items'), { data: { ...json } })],
  ['app_code_delete', () => simple.delete(at('/items/1'), {})],
  ['wrong_app_code', () => new SimpleClient('wrong').get(at('/items'))],
  ['wrong_secret', () => new Client(key, 'wrong').get(at('/items?name=%E4%BD%A0'))],
  ['wrong_secret_form', () =>
    new Client(key, 'wrong').post(at('/items'), { headers: { ...form }, data: { ...params } })],
  ['wrong_key', () => new Client('wrong', secret).get(at('/items'))],
  ['stale', () => client.get(at('/items'), { headers: { 'x-ca-timestamp': minutes(-16) } })],
  ['premature', () => client.get(at('/items'), { headers: { 'x-ca-timestamp': minutes(16) } })],
  ['malformed_timestamp', () => client.get(at('/items'), { headers: { 'x-ca-timestamp': 'now' } })],
  ['wrong_md5', () => client.put(at('/items'), {
    headers: { 'content-md5': md5('another body') },
    data: { ...json },
  })],
];

// One nonce, three requests: the first passes, its repetition and another request do not.
const once = { 'x-ca-nonce': 'once', 'x-ca-timestamp': minutes(0) };
cases.push(
  ['nonce_first', () => client.get(at('/items'), { headers: { ...once } })],
  ['nonce_again', () => client.get(at('/items'), { headers: { ...once } })],
  ['nonce_elsewhere', () => client.get(at('/other'), { headers: { ...once, 'x-ca-timestamp': minutes(1) } })],
);

// Node reads header values as Latin-1; the server sends UTF-8.
const utf8 = (value) => value && Buffer.from(value, 'latin1').toString('utf8');

for (const [name, call] of cases) {
  let line;
  try {
    line = { name, ok: true, status: 200, body: await call() };
  } catch (error) {
    const headers = error.data?.headers ?? {};
    line = {
      name,
      ok: false,
      status: error.data ? error.code : 0,
      code: headers['x-ca-error-code'] ?? error.code,
      message: utf8(headers['x-ca-error-message']) ?? error.message,
    };
  }
  console.log(JSON.stringify(line));
}
