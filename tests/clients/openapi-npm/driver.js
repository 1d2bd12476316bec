// Runs the npm packages `@alicloud/pop-core` and `@alicloud/openapi-client`, unmodified, against a
// server, and prints one JSON line per case. It decides nothing: what each case must answer stands in
// tests/openapi_clients.
//
// Usage: node driver.js SDK JSON [CASE...]
// SDK is `pop` or `tea`; JSON tells the server's address and the keys; without a CASE, all are run.

import { accounts } from './calls.js';

const [sdk, about, ...wanted] = process.argv.slice(2);
const { cases, told } = await import(sdk === 'pop' ? './pop.js' : './tea.js');

for (const [name, call] of cases(accounts(JSON.parse(about)))) {
  if (wanted.length && !wanted.includes(name)) continue;
  let line;
  try {
    line = { name, ok: true, body: await call() };
  } catch (error) {
    line = { name, ok: false, ...told(error) };
  }
  console.log(JSON.stringify(line));
}
