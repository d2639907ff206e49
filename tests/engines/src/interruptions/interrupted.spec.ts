import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { Assembly } from 'nx-cdk/src/assembly/model.ts';
import type { AwsProxy } from 'aws-proxy';
import { nxWorkspace, openTestBed, rootClients, shipInProcess, STAGING, type TestBed } from 'test-bed';
import { gatedApp, openGate } from '../bed/apps.ts';
import { operationsOf } from '../bed/end-state.ts';
import { outcomes, ship } from '../bed/ship.ts';
import { startOnTerminal } from './terminal.ts';

let bed: TestBed;
let client: CloudFormationClient;
let proxy: AwsProxy;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  client = rootClients(bed.local, STAGING).cloudFormation();
});

beforeEach(async () => {
  proxy = await bed.proxy();
});

afterAll(async () => {
  await bed?.close();
});

async function statusOf(stackName: string): Promise<string | undefined> {
  const answer = await client.send(new DescribeStacksCommand({ StackName: stackName })).catch(() => undefined);
  return answer?.Stacks?.[0]?.StackStatus;
}

async function reaches(stackName: string, status: string): Promise<void> {
  for (const deadline = Date.now() + 1_200_000; (await statusOf(stackName)) !== status; await wait(50)) {
    if (Date.now() > deadline) throw new Error(`${stackName} is ${await statusOf(stackName)}, not ${status}`);
  }
}

/** Statuses of the stack `Slow`, as often as it went through them. */
async function operationsOfSlow(name: string): Promise<string[]> {
  const { Stacks: stacks } = await client.send(new DescribeStacksCommand({ StackName: `${name}-Slow` }));
  return operationsOf(client, stacks![0]!.StackId!);
}

describe('a process that is killed while CloudFormation works', () => {
  test.each([
    ['creates', 1, 'CREATE', 'created'],
    ['updates', 2, 'UPDATE', 'updated'],
  ])(
    'and %s a stack: the next one follows that operation and starts no second one',
    async (_, gates, verb, outcome) => {
      // given a process that was killed in the middle of an operation
      const name = 'killed';
      const assembly = gatedApp(bed.folder, name, { env: STAGING, gates });
      const first = shipInProcess(bed.folder, assembly.directory, bed.environment());
      await reaches(`${name}-Slow`, `${verb}_IN_PROGRESS`);
      first.killAll('SIGKILL');
      expect(await first.ended).toEndWith(137);

      // when the next one runs, and the operation ends while it does
      const shipment = await ship(assembly, {
        environment: bed.environment(proxy),
        listener: (event) => {
          if (event.type === 'item-progress' && /earlier run/.test(event.step)) void openGate(client, name, gates);
        },
      });

      // then
      expect(outcomes(shipment)).toMatchObject({ Slow: outcome, After: gates === 1 ? 'created' : 'unchanged' });
      expect(shipment.deployed.stacks[0]!.notes).toEqual(['started by an earlier run']);
      expect(proxy.count({ action: 'CreateChangeSet' })).toBe(gates === 1 ? 1 : 0);
      const creation = ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE'];
      const operations = gates === 1 ? creation : [...creation, 'UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE'];
      expect((await operationsOfSlow(name)).filter((status) => !/CLEANUP/.test(status))).toEqual(operations);
    },
  );
});

describe('Ctrl-C', () => {
  const WARNING = 'Interrupted: nothing new is started, what runs is followed to its end.';

  /** What must be possible in any case: a second run does the rest, and nothing is done twice. */
  async function expectPickUp(name: string, assembly: Assembly): Promise<void> {
    expect(await statusOf(`${name}-After`)).toBeUndefined();
    const next = await ship(assembly, { environment: bed.environment() });
    expect(outcomes(next)).toMatchObject({ Slow: expect.stringMatching(/created|unchanged/), After: 'created' });
    expect(await operationsOfSlow(name)).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']);
  }

  test('in an executor brings what runs to its end, starts nothing new and fails', async () => {
    const assembly = gatedApp(bed.folder, 'interrupted', { env: STAGING });
    const run = shipInProcess(bed.folder, assembly.directory, bed.environment());
    await reaches('interrupted-Slow', 'CREATE_IN_PROGRESS');

    run.kill('SIGINT');
    await run.wrote(WARNING);
    await openGate(client, 'interrupted');

    const { code, output } = await run.ended;
    expect({ code, output }).toEndWith(1);
    expect(output.split(WARNING)).toHaveLength(2);
    expect(output).toMatch(/a later run picks up/);
    expect(output).toMatch(/Slow.*created/);
    expect(output).toMatch(/After.*skipped.*interrupted before it started/);
    expect(output).not.toMatch(/\n\s+at /);
    await expectPickUp('interrupted', assembly);
  });

  test('twice leaves at once; the next run follows what goes on', async () => {
    const assembly = gatedApp(bed.folder, 'left', { env: STAGING });
    const run = shipInProcess(bed.folder, assembly.directory, bed.environment());
    await reaches('left-Slow', 'CREATE_IN_PROGRESS');

    run.kill('SIGINT');
    await run.wrote(WARNING);
    // A key press that arrives twice counts once; a person takes longer.
    await wait(700);
    run.kill('SIGINT');

    expect(await run.ended).toEndWith(130);
    const next = ship(assembly, { environment: bed.environment() });
    await openGate(client, 'left');
    expect(outcomes(await next)).toMatchObject({ Slow: expect.stringMatching(/created|unchanged/), After: 'created' });
    expect(await operationsOfSlow('left')).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']);
  });

  /** A workspace with an app that was published but never deployed. */
  async function published(name: string) {
    const assembly = gatedApp(bed.folder, name, { env: STAGING });
    await ship(assembly, { environment: bed.environment(), stacks: [] });
    const workspace = await nxWorkspace(join(bed.folder, name));
    cpSync(assembly.directory, join(workspace.app, 'cdk.out'), { recursive: true });
    return { assembly, workspace };
  }

  test('reaches a deployment that Nx started without a terminal: it is brought to an end', async () => {
    // given
    const { assembly, workspace } = await published('piped');
    const run = workspace.nx('deploy', [], bed.environment());
    await reaches('piped-Slow', 'CREATE_IN_PROGRESS');

    // when the stack is done a second after the interruption
    run.killAll('SIGINT');
    const first = await Promise.race([run.ended, wait(1000, 'still running')]);
    await openGate(client, 'piped');
    const { code, output } = await run.ended;

    // then the deployment was there to see it, although Nx shows nothing any more that a task writes after a Ctrl-C
    expect(first).toBe('still running');
    expect({ code, output }).toEndWith(130);
    expect(output).not.toMatch(/\n\s+at /);
    expect(await statusOf('piped-Slow')).toBe('CREATE_COMPLETE');
    await expectPickUp('piped', assembly);
  });

  test('on a terminal, where Nx hangs up on its tasks at once: what runs is named, and goes on', async () => {
    // given a deployment that a person watches
    const { assembly, workspace } = await published('watched');
    const keys = join(bed.folder, 'keys');
    execFileSync('mkfifo', [keys]);
    const run = startOnTerminal(workspace.command('deploy', []), keys, {
      cwd: workspace.root,
      env: workspace.environment({ ...bed.environment(), TERM: 'xterm-256color' }),
    });
    await reaches('watched-Slow', 'CREATE_IN_PROGRESS');

    // when
    appendFileSync(keys, '\x03');
    const { code, output } = await run.ended;

    // then
    expect({ code, output }).toEndWith(130);
    // The terminal's signal and that of Nx race each other; one of them is told, and only once.
    expect(output.match(/(Interrupted|Asked to end): nothing new is started, what runs is followed/g)).toHaveLength(1);
    expect(output).toMatch(/Slow \(111111111111\/eu-west-1\) not finished/);
    expect(output).not.toMatch(/\n\s+at /);
    await openGate(client, 'watched');
    await expectPickUp('watched', assembly);
  });
});
