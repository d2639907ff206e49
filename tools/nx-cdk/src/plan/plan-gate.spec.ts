import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
