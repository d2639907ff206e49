import type { Command } from '../../command/index.ts';
import type { ProgressEvent } from '../../progress/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../../testing/temporary-workspace.ts';
import { nxVerification } from './verification.ts';

/** Stands for Nx: says what it was asked for, and what it got. */
const NX = `
const { readFileSync } = require('node:fs');
const { NX_CDK_OUTPUTS: file, NX_CDK_ENVIRONMENT: environment } = process.env;
const aws = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('AWS_')));
console.log(JSON.stringify({ args: process.argv.slice(2), outputs: JSON.parse(readFileSync(file)), environment, aws }));
process.exit(process.argv[2] === 'run' && process.argv[3].endsWith('broken') ? 3 : 0);
`;

let workspace: TemporaryWorkspace;
const events: ProgressEvent[] = [];

/** The endpoint, and what is for the caller alone. */
const OF_CALLER = {
  AWS_ENDPOINT_URL: 'https://127.0.0.1:4566',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_PROFILE: 'of-the-caller',
};

beforeAll(() => {
  workspace = temporaryWorkspace({ 'ws/package.json': {}, 'ws/shop/cdk.json': { app: 'node main.js' } });
  workspace.write('ws/node_modules/nx/package.json', { name: 'nx', bin: { nx: 'nx.js' } });
  workspace.write('ws/node_modules/nx/nx.js', NX);
  Object.assign(process.env, OF_CALLER);
});

afterAll(() => {
  for (const name of Object.keys(OF_CALLER)) delete process.env[name];
  workspace.dispose();
});

beforeEach(() => void (events.length = 0));

const verify = (target: string, configuration?: string) => {
  const command = {
    workspaceRoot: workspace.path('ws'),
    projectRoot: workspace.path('ws/shop'),
    projectName: 'shop',
    listener: (event: ProgressEvent) => void events.push(event),
    signal: new AbortController().signal,
  } as unknown as Command;
  const verification = nxVerification(command, new Map([['staging', target]]), configuration);
  expect(verification.environments).toEqual(['staging']);
  return verification.verify('staging', { Data: { Url: 'https://example.com' } });
};

test('the Nx target of an app gets outputs, configuration and the endpoint, and no credentials', async () => {
  await verify('smoke-test', 'local-aws');
  const [told] = events as unknown as [{ text: string }];
  expect(told.text).toMatch(/^staging: /);
  expect(JSON.parse(told.text.replace('staging: ', ''))).toEqual({
    args: [
      'run',
      'shop:smoke-test',
      '--skipNxCache',
      '--outputStyle=stream-without-prefixes',
      '--configuration=local-aws',
    ],
    outputs: { Data: { Url: 'https://example.com' } },
    environment: 'staging',
    aws: { AWS_ENDPOINT_URL: OF_CALLER.AWS_ENDPOINT_URL },
  });
});

test('one that fails is a failure that says what to do', async () => {
  await expect(verify('broken')).rejects.toMatchObject({
    code: 'VerifyFailed',
    message: expect.stringMatching(
      /^staging: its check \(nx run shop:broken\) failed: exit code 3: .*deploy again, which checks again/,
    ),
  });
});
