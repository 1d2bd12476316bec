// What the npm package `aliyun-api-gateway`, unmodified, signs of a request: answers each JSON line
// {method, path, query, headers, form, chosen} with {string_to_sign, signature}. `form` is the body of a
// form, else null; `chosen` are the names of headers to sign besides `x-ca-*`.
//
// Usage: node sign.js APP_KEY APP_SECRET

import { parse as parseForm } from 'node:querystring';
import { createInterface } from 'node:readline';
import { parse } from 'node:url';
import sdk from 'aliyun-api-gateway';

const [key, secret] = process.argv.slice(2);
const client = new sdk.Client(key, secret);

for await (const line of createInterface({ input: process.stdin })) {
  const { method, path, query, headers, form, chosen } = JSON.parse(line);
  const url = parse(`http://example.com${path}?${query}`, true);
  const signHeaders = Object.fromEntries(chosen.map((name) => [name, '']));
  const names = client.getSignHeaderKeys(headers, signHeaders);
  const lines = client.getSignedHeadersString(names, headers);
  const parameters = form === null ? undefined : parseForm(form);
  const text = client.buildStringToSign(method, headers, lines, url, parameters);
  console.log(JSON.stringify({ string_to_sign: text, signature: client.sign(text) }));
}
