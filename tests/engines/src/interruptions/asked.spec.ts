import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { type NxWorkspace, nxWorkspace, openTestBed, rootClients, STAGING, type TestBed } from 'test-bed';
import { startOnTerminal } from './terminal.ts';

let bed: TestBed;
let workspace: NxWorkspace;

/** An app whose stack has a role that may send to its queue, or that and more. */
const app = (name: string, actions: readonly string[]) => `
  import { App, Stack } from 'aws-cdk-lib/core';
  import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
  const app = new App();
  const stack = new Stack(app, 'Data', { env: ${JSON.stringify(STAGING)}, stackName: '${name}' });
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(new PolicyStatement({ actions: ${JSON.stringify(actions)}, resources: ['*'] }));
  app.synth();
`;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  workspace = await nxWorkspace(join(bed.folder, 'asked'));
});

afterAll(() => bed?.close());

async function statusOf(stackName: string): Promise<string | undefined> {
  const client = rootClients(bed.local, STAGING).cloudFormation();
  const answer = await client.send(new DescribeStacksCommand({ StackName: stackName })).catch(() => undefined);
  return answer?.Stacks?.[0]?.StackStatus;
}

/** Nx's terminal UI moves the cursor instead of writing spaces. */
const QUESTION = /Deploy\s*1\s*stack\s*to\s*\S*\?\s*y\/N/;

let number = 0;

/** Answers as a person does. In the terminal UI, what is typed goes to a task only after `i`, and `q` leaves it. */
async function answer(ui: string, { run, type }: ReturnType<typeof deployOnTerminal>, text: string): Promise<void> {
  for (const key of ui === 'true' ? ['i', ...text] : text) {
    type(key);
    await wait(1000);
  }
  if (ui === 'false') return;
  await run.wrote(/deploy\s*(done|failed)/);
  await wait(2000);
  type('q');
}

/** Runs `nx deploy shop`, with all that comes before it, on a terminal of its own. */
function deployOnTerminal(name: string, ui: 'true' | 'false', args: readonly string[] = []) {
  writeFileSync(join(workspace.app, 'app.mjs'), app(name, ['sqs:SendMessage']));
  const keys = join(bed.folder, `keys-${(number += 1)}`);
  execFileSync('mkfifo', [keys]);
  const [nx, target, project] = workspace.command('deploy', []);
  const run = startOnTerminal([nx!, target!, project!, ...args], keys, {
    cwd: workspace.root,
    env: workspace.environment({ ...bed.environment(), TERM: 'xterm-256color', NX_TUI: ui }),
  });
  return { run, type: (text: string) => appendFileSync(keys, text) };
}

describe.each(['false', 'true'] as const)("deploy by hand, with Nx's terminal UI: %s", (ui) => {
  test('asks before it allows more than now; a yes deploys, and then there is nothing to ask', async () => {
    const name = `asked-yes-${ui}`;
    const terminal = deployOnTerminal(name, ui);
    const { run } = terminal;
    await run.wrote(QUESTION);
    expect(await statusOf(name)).toBeUndefined();
    expect(run.output()).toMatch(/Allow\s*sqs:SendMessage\s*on/);

    await answer(ui, terminal, 'y\r');

    expect(await run.ended).toEndWith(0);
    expect(await statusOf(name)).toBe('CREATE_COMPLETE');
    const { run: again } = deployOnTerminal(name, ui);
    expect(await again.ended).toEndWith(0);
    expect(again.output()).not.toContain('y/N');
  });

  test.each([
    ['a no', 'n\r'],
    ['Ctrl-C', '\x03'],
  ])('%s changes nothing', async (what, typed) => {
    const name = `asked-${what.replace(/\W/g, '')}-${ui}`;
    const terminal = deployOnTerminal(name, ui);
    const { run } = terminal;
    await run.wrote(QUESTION);

    await answer(ui, terminal, typed);

    const { code, output } = await run.ended;
    expect([1, 130]).toContain(code);
    expect(output).not.toMatch(/\n\s+at /);
    expect(await statusOf(name)).toBeUndefined();
  });
});
