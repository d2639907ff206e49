import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';

/** What the API answers to anybody: that it runs, and that an order has to be signed. */
const EXPECTED = [
  { method: 'GET', path: '/', status: 200 },
  { method: 'POST', path: '/orders', status: 403 },
];

/** How long a new API may take to answer so, in milliseconds. */
const PATIENCE = 30_000;

// `nx deploy` runs this after the stacks of an environment that says `verify` in environments.json, with a file of
// their outputs by stack name. The endpoint is set if AWS is somewhere else, such as on this machine.
const { NX_CDK_OUTPUTS: file, AWS_ENDPOINT_URL: endpoint, NX_CDK_CA_FILE: caFile } = process.env;
if (file === undefined) throw new Error('NX_CDK_OUTPUTS is not set: nx deploy runs this check.');
const outputs = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { readonly ApiUrl?: string }>;

for (const { ApiUrl: api } of Object.values(outputs)) {
  for (const { method, path, status } of api === undefined ? [] : EXPECTED) {
    const url = new URL(path, api);
    const deadline = Date.now() + PATIENCE;
    let answer = await ask(method, url);
    while (answer !== status && Date.now() < deadline) {
      await wait(500);
      answer = await ask(method, url);
    }
    console.log(`${method} ${url}: ${answer}${answer === status ? '' : `, and not ${status}`}`);
    if (answer !== status) process.exitCode = 1;
  }
}

/** The status, or why there is no answer. */
async function ask(method: string, url: URL): Promise<number | string | undefined> {
  // The endpoint knows by the host what is asked; its certificate has its own name.
  const elsewhere = { headers: { host: url.host }, servername: '', ca: caFile && readFileSync(caFile) };
  const options = { method, timeout: 10_000, ...(endpoint && elsewhere) };
  return new Promise((resolve) => {
    const sent = request(endpoint ? new URL(url.pathname, endpoint) : url, options);
    sent.on('response', (answer) => resolve(answer.resume().statusCode));
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', ({ message }) => resolve(message));
    sent.end();
  });
}
