import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DeployGate, type DeploymentMode, GivenParameters } from '../cloudformation/index.ts';
import { deploy } from '../deploy/index.ts';
import { queues } from '../cloudformation/testing/assembly.ts';
import { cloud, dependencies, given } from '../cloudformation/testing/each-test.ts';
import { makePlan } from './make-plan.ts';
import { planAsJson, planDigest } from './plan-file.ts';
import { openPlan, type PlannedRun } from './plan-gate.ts';

const RELEASE = 'a'.repeat(64);

let folder: string;
let assembly: ReturnType<typeof given>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plan-gate-'));
  assembly = given([{ id: 'One' }, { id: 'Two', dependencies: ['One'], template: queues('Queue', 'Second') }]);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a plan of these stacks into a file. */
async function planned(...stacks: readonly string[]): Promise<string> {
  const { plan } = await makePlan({ project: 'shop', release: RELEASE, assembly, stacks }, dependencies());
  const file = join(folder, 'plan.json');
  writeFileSync(file, planAsJson(plan!));
  return file;
}

const open = (file: string, more: Partial<PlannedRun> = {}) =>
  openPlan(
    file,
    { project: 'shop', release: RELEASE, assembly, stacks: ['One', 'Two'], named: false, ...more },
    async () => cloud.aws(),
  );

test('a deployment gets the stacks that it and the plan have in common, and the name of the plan', async () => {
  const file = await planned('One');
  expect(await open(file)).toMatchObject({ stacks: ['One'], digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(planDigest('')).toMatch(/^e3b0c44298fc/);
  expect((await open(await planned('One', 'Two'), { stacks: ['Two'], named: true })).stacks).toEqual(['Two']);
  // if nothing is in its scope, there is nothing to refuse either
  expect((await open(file, { stacks: [] })).stacks).toEqual([]);
});

test.each<[string, Partial<PlannedRun>, RegExp]>([
  ['another project', { project: 'blog' }, /The plan is for shop, not for blog: give the plan of blog\./],
  [
    'another release',
    { release: 'b'.repeat(64) },
    /for release aaaaaaaaaaaa, and the assembly is release bbbbbbbbbbbb: /,
  ],
  ['a stack that was named and is not in it', { named: true }, /^Two: it is not in the plan: leave it out/],
  ['other stacks', { stacks: ['Two'] }, /The plan holds none of these stacks, Two for one/],
])('it is refused for %s, before AWS is asked anything', async (_, run, sentence) => {
  const file = await planned('One');
  cloud.calls.length = 0;
  await expect(open(file, run)).rejects.toThrow(sentence);
  expect(cloud.calls).toEqual([]);
});

describe('a plan that was approved', () => {
  test('is deployed by its digest', async () => {
    const file = await planned('One');
    const { digest } = await open(file);
    expect((await open(file, { approved: digest })).digest).toBe(digest);
  });

  test.each([
    [
      'c'.repeat(64),
      'OtherPlan',
      /plan\.json has the digest [0-9a-f]{64}, and c{64} was approved: nothing is deployed/,
    ],
    ['abc', 'BadOption', /--planDigest is "abc", which is no digest of a plan: it has 64 hexadecimal digits/],
  ])('is the only one that will do: not for %s', async (approved, code, sentence) => {
    const file = await planned('One');
    cloud.calls.length = 0;
    await expect(open(file, { approved })).rejects.toMatchObject({ code, message: expect.stringMatching(sentence) });
    expect(cloud.calls).toEqual([]);
  });
});

describe('the values of secret parameters', () => {
  const template = { Parameters: { Password: { Type: 'String', NoEcho: true } }, ...queues('Queue') };
  const giving = (...texts: string[]) => new GivenParameters(texts, assembly.stacks);
  /** Plans with a password, and opens the plan with another one. */
  const planAndOpen = async (first: GivenParameters, second: GivenParameters) => {
    assembly = given([{ id: 'One', template }]);
    const request = { project: 'shop', release: RELEASE, assembly, stacks: ['One'], parameters: first };
    const { plan } = await makePlan(request, dependencies());
    const file = join(folder, 'plan.json');
    writeFileSync(file, planAsJson(plan!));
    return { text: planAsJson(plan!), opened: open(file, { stacks: ['One'], parameters: second }) };
  };

  test('are part of the plan, without being in it', async () => {
    const { text, opened } = await planAndOpen(giving('Password=hunter2'), giving('Password=hunter2'));
    await expect(opened).resolves.toMatchObject({ stacks: ['One'] });
    expect(text).toMatch(/"secrets": "[0-9a-f]{64}"/);
    expect(text).not.toMatch(/hunter2/);
  });

  test.each([
    ['another one', ['Password=hunter2'], ['Password=hunter3']],
    ['none', ['Password=hunter2'], []],
    ['one', [], ['Password=hunter2']],
  ])('are refused where %s is given', async (_, first, second) => {
    const { opened } = await planAndOpen(giving(...first), giving(...second));
    await expect(opened).rejects.toMatchObject({
      code: 'PlanMoved',
      message: expect.stringMatching(
        /^One: its secret parameters are not given the values that they had when it was pl/,
      ),
    });
  });
});

describe('termination protection', () => {
  const protect = (enabled: boolean | undefined) => (assembly = given([{ id: 'One', terminationProtection: enabled }]));
  const ship = async (gates: DeployGate[] = []) =>
    (await deploy({ assembly, stacks: ['One'] }, { ...dependencies(), gates })).stacks[0]!;

  test('is in the plan of a new stack, and switched on', async () => {
    protect(true);
    const { gate } = await open(await planned('One'), { stacks: ['One'] });
    expect(await ship([gate])).toMatchObject({ outcome: 'created', notes: ['termination protection enabled'] });
    expect(cloud.stacks.get('One')!.terminationProtection).toBe(true);
  });

  test('is switched off by a plan that says so', async () => {
    protect(true);
    await ship();
    protect(false);
    const file = await planned('One');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      stacks: [{ outcome: 'update', terminationProtection: false, reasons: ['termination protection disabled'] }],
    });
    const { gate } = await open(file, { stacks: ['One'] });
    expect(await ship([gate])).toMatchObject({ outcome: 'updated' });
    expect(cloud.stacks.get('One')!.terminationProtection).toBe(false);
  });

  test.each([
    ['a stack that is unchanged', queues('Queue')],
    ['a stack that changes, before it does', queues('Queue', 'Second')],
  ])('of %s is not switched off by a plan that does not say so', async (_, template) => {
    // given a stack that was not protected when the plan was made
    protect(false);
    await ship();
    assembly = given([{ id: 'One', terminationProtection: false, template }]);
    const { gate } = await open(await planned('One'), { stacks: ['One'] });
    // when somebody protects it
    cloud.stacks.get('One')!.terminationProtection = true;
    cloud.calls.length = 0;
    // then
    expect((await ship([gate])).failure).toMatchObject({
      code: 'NotPlanned',
      message: expect.stringMatching(
        /its termination protection would be disabled, which the plan does not do: plan again/,
      ),
    });
    expect(cloud.calls).not.toContain('UpdateTerminationProtection');
    expect(cloud.calls).not.toContain('ExecuteChangeSet');
    expect(cloud.stacks.get('One')!.terminationProtection).toBe(true);
  });
});

describe('the mode of a deployment', () => {
  const plannedIn = async (mode: DeploymentMode) => {
    const request = { project: 'shop', release: RELEASE, assembly, stacks: ['One'], deploymentMode: () => mode };
    const { plan } = await makePlan(request, dependencies());
    const file = join(folder, 'plan.json');
    writeFileSync(file, planAsJson(plan!));
    return file;
  };

  test.each(['standard', 'express'] as const)('is that of the plan: %s', async (mode) => {
    const file = await plannedIn(mode);
    const opened = await open(file, { stacks: ['One'] });
    expect(opened.deploymentMode('One')).toBe(mode);
    expect(readFileSync(file, 'utf8').includes('"deploymentMode": "express"')).toBe(mode === 'express');
    await expect(open(file, { stacks: ['One'], express: mode === 'express' })).resolves.toBeDefined();
  });

  test.each([
    ['standard', true],
    ['express', false],
  ] as const)('cannot be another one than planned: %s', async (mode, express) => {
    await expect(open(await plannedIn(mode), { stacks: ['One'], express })).rejects.toMatchObject({
      code: 'OtherPlan',
      message: expect.stringMatching(`^One: the plan deploys it in ${mode} mode: leave --express out`),
    });
  });
});

test('lets a deployment do what was planned', async () => {
  const { stacks, gate } = await open(await planned('One', 'Two'));
  const report = await deploy({ assembly, stacks }, { ...dependencies(), gates: [gate] });
  expect(report.stacks.map(({ outcome }) => outcome)).toEqual(['created', 'created']);
});

test('keeps every stack as it is where one has moved', async () => {
  const { stacks, gate } = await open(await planned('One', 'Two'));
  cloud.put('Two', 'CREATE_COMPLETE');
  cloud.calls.length = 0;

  const report = await deploy({ assembly, stacks }, { ...dependencies(), gates: [gate] });

  expect(report.stacks.map(({ outcome }) => outcome)).toEqual(['failed', 'skipped']);
  expect(report.stacks[0]?.failure).toMatchObject({
    code: 'PlanMoved',
    message: expect.stringMatching(/Two: its stack in 111111111111\/eu-west-1 has moved/),
  });
  expect(cloud.calls).not.toContain('CreateChangeSet');
});

test('looks once more before each execution, since the stacks before may have taken their time', async () => {
  await deploy({ assembly, stacks: ['One', 'Two'] }, dependencies());
  assembly = given([
    { id: 'One', template: queues('Queue', 'More') },
    { id: 'Two', dependencies: ['One'], template: queues('Queue', 'More') },
  ]);
  const { stacks, gate } = await open(await planned('One', 'Two'));
  // somebody updates the second one while the first one is under way
  cloud.intercept = (action, { StackName }) => {
    if (action === 'ExecuteChangeSet' && StackName.includes('/One/')) cloud.stacks.get('Two')!.updatedAt += 1;
  };

  const report = await deploy({ assembly, stacks }, { ...dependencies(), gates: [gate] });

  expect(report.stacks.map(({ outcome }) => outcome)).toEqual(['updated', 'failed']);
  expect(report.stacks[1]?.failure).toMatchObject({ code: 'PlanMoved' });
  expect(cloud.calls.filter((call) => call === 'ExecuteChangeSet')).toHaveLength(3);
});
