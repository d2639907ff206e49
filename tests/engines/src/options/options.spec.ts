import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { AwsProxy } from 'aws-proxy';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { CfnParameter as CfnSetting } from 'aws-cdk-lib/aws-ssm';
import { CfnOutput, CfnParameter, Stack, Stage } from 'aws-cdk-lib/core';
import type { ProgressEvent } from 'nx-cdk/src/progress/events.ts';
import {
  CI,
  nxWorkspace,
  type NxWorkspace,
  openTestBed,
  PROD,
  rootClients,
  STAGING,
  startExecutors,
  type TestBed,
} from 'test-bed';
import { synth } from '../bed/apps.ts';
import { outcomes, ship } from '../bed/ship.ts';

const SECRET = 'horse-battery-staple';

/** Calls that change nothing; of those that a deployment makes, all others do. */
const READS = /^(AssumeRole|GetCallerIdentity|Describe\w+|Get\w+|Head\w+|List\w+)$/;

let bed: TestBed;
let client: CloudFormationClient;
let workspace: NxWorkspace;
let proxy: AwsProxy;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  client = rootClients(bed.local, STAGING).cloudFormation();
  workspace = await nxWorkspace(join(bed.folder, 'workspace'));
  const environments = [
    { name: 'staging', targets: [STAGING] },
    { name: 'prod', targets: [PROD] },
  ];
  writeFileSync(join(workspace.root, 'environments.json'), JSON.stringify({ ci: CI, environments }));
});

beforeEach(async () => {
  proxy = await bed.proxy();
});

afterAll(async () => {
  await bed?.close();
});

/** Runs executors behind a proxy and gives back what they said, event by event. */
async function run(steps: Parameters<typeof startExecutors>[1]) {
  const { code, output } = await startExecutors(workspace.root, steps, bed.environment(proxy)).ended;
  const events = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as ProgressEvent);
  return { code, output, events };
}

const read = (file: string) => readFileSync(join(workspace.root, file), 'utf8');

describe('a secret parameter', () => {
  function secretApp(wait = 30) {
    return synth(bed.folder, `Secret${wait}`, (app) => {
      const stack = new Stack(app, 'Secret', { env: STAGING });
      const password = new CfnParameter(stack, 'Password', { noEcho: true, minLength: 8 });
      const colour = new CfnParameter(stack, 'Colour', { default: 'red' });
      new CfnQueue(stack, 'Queue', {
        visibilityTimeout: wait,
        tags: [{ key: 'length', value: password.valueAsString }],
      });
      new CfnOutput(stack, 'Is', { value: colour.valueAsString });
    });
  }

  test('reaches CloudFormation, and no output, event, report or file', async () => {
    const assembly = secretApp().directory;
    const given = { assembly, parameters: [`Password=${SECRET}`, 'Secret:Colour=blue'], report: 'report.json' };
    const said: string[] = [];
    for (const style of [{ verbose: true }, { verbose: true, json: true }]) {
      const { code, output } = await run([
        ['publish', { assembly, ...style }],
        ['deploy', { ...given, ...style, outputsFile: 'outputs.json' }],
      ]);
      expect({ code, output }).toEndWith(0);
      said.push(output, read('report.json'), read('outputs.json'));
    }

    // then
    expect(proxy.count({ action: 'CreateChangeSet' })).toBeGreaterThan(0);
    expect(JSON.parse(read('outputs.json'))).toEqual({ Secret: { Is: 'blue' } });
    for (const text of said) {
      expect(text).not.toContain(SECRET);
      // The same holds for the keys of the run and those of its role sessions.
      expect(text).not.toMatch(/SecretAccessKey|SessionToken|X-Amz-Security-Token|ASIA[0-9A-Z]{16}/i);
    }
  });

  test('is not told if it is refused either', async () => {
    const assembly = secretApp().directory;
    const { code, output } = await run([
      ['deploy', { assembly, parameters: [`Password=${SECRET.slice(0, 5)}`], verbose: true }],
    ]);
    expect({ code, output }).toMatchObject({
      code: 1,
      output: expect.stringMatching(/'Password' must contain at least 8/),
    });
    expect(output).not.toContain(SECRET.slice(0, 5));
  });

  test('keeps its value where it is not given again', async () => {
    const assembly = secretApp(60).directory;
    const { code, output } = await run([
      ['publish', { assembly }],
      ['deploy', { assembly, report: 'report.json' }],
    ]);
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/Secret.*updated.*1 modified/) });
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: 'Secret' }));
    expect(stack!.Parameters).toContainEqual(
      expect.objectContaining({ ParameterKey: 'Colour', ParameterValue: 'blue' }),
    );
  });

  test('that is missing is asked for by name', async () => {
    const assembly = synth(bed.folder, 'Missing', (app) => {
      const stack = new Stack(app, 'Missing', { env: STAGING });
      const value = new CfnParameter(stack, 'Token', { noEcho: true }).valueAsString;
      new CfnQueue(stack, 'Queue', { tags: [{ key: 'token', value }] });
    }).directory;
    const { code, output } = await run([['deploy', { assembly }]]);
    expect({ code, output }).toEndWith(1);
    expect(output).toMatch(/Missing: no value for parameter Token: give it with --parameters=Token=<value>/);
  });
});

describe('a dry run', () => {
  test('says what would change, and changes nothing', async () => {
    // given a stack that is there, in another version, and one that is not
    const version = (timeout: number, both: boolean) =>
      synth(bed.folder, `Dry${timeout}`, (app) => {
        new CfnQueue(new Stack(app, 'Dry', { env: STAGING }), 'Queue', { visibilityTimeout: timeout });
        if (both) new CfnQueue(new Stack(app, 'New', { env: STAGING }), 'Queue');
      });
    await ship(version(30, false), { environment: bed.environment() });
    const assembly = version(60, true);
    const dry = { assembly: assembly.directory, dryRun: true };

    // when nothing is published
    const { code, output } = await run([
      ['publish', dry],
      ['deploy', dry],
    ]);

    // then a change set of the existing stack says what changes, and is taken away again
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/2 assets: 2 planned/) });
    expect(output).toMatch(/New.*planned.*1 added/);
    expect(output).toMatch(/Dry.*planned.*1 modified/);
    expect(output).toMatch(/change +Queue +AWS::SQS::Queue +VisibilityTimeout/);
    expect(writes()).toEqual(['cloudformation:CreateChangeSet', 'cloudformation:DeleteChangeSet']);
    expect(await stackNames()).not.toContain('New');
    expect(outcomes(await ship(version(30, false), { environment: bed.environment() }))).toMatchObject({
      Dry: 'unchanged',
    });
  });

  const writes = () =>
    proxy.requests.filter(({ action }) => !READS.test(action)).map(({ service, action }) => `${service}:${action}`);

  async function stackNames(): Promise<(string | undefined)[]> {
    const { Stacks: stacks = [] } = await client.send(new DescribeStacksCommand({}));
    return stacks.map(({ StackName: name }) => name);
  }
});

test.each([
  ['concurrency', 2, 2],
  ['concurrencyPerTarget', 1, 2],
])('%s=%i keeps the number of stacks in work at %i', async (option, limit, most) => {
  // given eight stacks in two accounts that nothing but the limit holds back
  const assembly = synth(bed.folder, option, (app) => {
    for (let number = 1; number <= 8; number += 1) {
      new CfnQueue(new Stack(app, `${option}${number}`, { env: number % 2 ? STAGING : PROD }), 'Queue');
    }
  }).directory;

  // when
  const { code, output, events } = await run([
    ['publish', { assembly }],
    ['deploy', { assembly, [option]: limit, json: true }],
  ]);

  // then
  expect({ code, output }).toEndWith(0);
  let active = 0;
  const course = events.flatMap(({ type }) => {
    if (type === 'item-started') active += 1;
    if (type === 'item-finished') active -= 1;
    return [active];
  });
  expect(Math.max(...course)).toBe(most);
  expect(events.filter(({ type }) => type === 'item-finished')).toHaveLength(8);
});

describe('environments', () => {
  /** Two stages that have nothing to do with each other except their order in environments.json. */
  function stages(label: string, broken: boolean): string {
    return synth(bed.folder, label, (app) => {
      for (const [environment, env] of [
        ['prod', PROD],
        ['staging', STAGING],
      ] as const) {
        const stage = new Stage(app, environment, { env });
        for (const stack of ['One', 'Two']) new CfnQueue(new Stack(stage, `${label}${stack}`), 'Queue');
        // The name is taken, by the bootstrap.
        const name = '/cdk-bootstrap/hnb659fds/version';
        const two = stage.node.findChild(`${label}Two`);
        if (broken && environment === 'staging') new CfnSetting(two, 'Setting', { type: 'String', value: 'on', name });
      }
    }).directory;
  }

  async function deployStages(assembly: string) {
    return run([
      ['publish', { assembly, environmentsFile: 'environments.json' }],
      ['deploy', { assembly, environmentsFile: 'environments.json', json: true }],
    ]);
  }

  test('are promoted in the order of the file: prod waits for all of staging', async () => {
    const { code, output, events } = await deployStages(stages('Promoted', false));
    expect({ code, output }).toEndWith(0);
    const order = events.flatMap((event) =>
      event.type === 'item-started' || event.type === 'item-finished' ? [`${event.id} ${event.type}`] : [],
    );
    const lastOfStaging = order.findLastIndex((entry) => entry.startsWith('staging/') && entry.endsWith('finished'));
    const firstOfProd = order.findIndex((entry) => entry.startsWith('prod/'));
    expect(order).toHaveLength(8);
    expect(lastOfStaging).toBeLessThan(firstOfProd);
  });

  test('stop where one fails: prod is skipped', async () => {
    const { code, output, events } = await deployStages(stages('Stopped', true));
    expect({ code, output }).toEndWith(1);
    const ended = events.flatMap((event) => (event.type === 'item-finished' ? [[event.id, event.outcome]] : []));
    expect(Object.fromEntries(ended)).toEqual({
      'staging/StoppedOne': 'created',
      'staging/StoppedTwo': 'failed',
      'prod/StoppedOne': 'skipped',
      'prod/StoppedTwo': 'skipped',
    });
    expect(proxy.count({ service: 'cloudformation', account: PROD.account, action: 'CreateChangeSet' })).toBe(0);
  });
});
