import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud, dependencies, given } from '../cloudformation/testing/each-test.ts';
import { deploy } from '../deploy/index.ts';
import type { DriftReport } from '../drift/index.ts';
import { approvalGate } from './approval-gate.ts';
import { makePlan, type PlanRequest } from './make-plan.ts';
import { planAsMarkdown } from './markdown.ts';
import { planAsJson, planDigest, readPlan } from './plan-file.ts';
import { openPlan } from './plan-gate.ts';
import { change, plannedStack, planOf } from './testing/plans.ts';
import { planAsText } from './text.ts';
import { summaryOf } from './wording.ts';

const RELEASE = 'a'.repeat(64);
const drifted = (LogicalResourceId = 'Queue', more: object = {}) => ({
  Action: 'Modify',
  LogicalResourceId,
  ResourceType: 'AWS::SQS::Queue',
  ResourceDriftStatus: 'MODIFIED',
  Details: [{ Target: { Attribute: 'Properties', Path: '/Properties/Delay', Drift: { ActualValue: 'by-hand' } } }],
  ...more,
});
const found = {
  logicalId: 'Queue',
  physicalId: 'queue-1',
  resourceType: 'AWS::SQS::Queue',
  constructPath: 'Data/Queue/Resource',
  status: 'modified' as const,
  properties: [{ path: 'Delay', difference: 'changed' as const, expected: 5, actual: '****' }],
};
const report = (...resources: DriftReport['stacks'][number]['resources']): DriftReport => ({
  success: true,
  drifted: resources.length > 0,
  interrupted: false,
  milliseconds: 1,
  stacks: [
    {
      id: 'Data',
      stackName: 'Data',
      account: '111111111111',
      region: 'eu-west-1',
      seconds: 1,
      outcome: resources.length > 0 ? 'drifted' : 'in-sync',
      resources,
      notChecked: [],
    },
  ],
});

let folder: string;
let assembly: ReturnType<typeof given>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plan-drift-'));
  assembly = given([{ id: 'Data' }]);
  await deploy({ assembly, stacks: ['Data'] }, dependencies());
  cloud.calls.length = 0;
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const about = () => ({ project: 'shop', release: RELEASE, assembly, stacks: ['Data'] });
const planWith = async (more: Partial<PlanRequest>) => (await makePlan({ ...about(), ...more }, dependencies())).plan!;

/** Writes a plan, and opens it for a deployment. */
async function opened(more: Partial<PlanRequest>, revertDrift?: boolean) {
  const file = join(folder, 'plan.json');
  writeFileSync(file, planAsJson(await planWith(more)));
  return openPlan(file, { ...about(), named: false, revertDrift }, async () => cloud.aws());
}

describe('a plan that was to look for drift', () => {
  test('holds what drifted by name, and no value of it', async () => {
    const plan = await planWith({ drift: report({ ...found, nestedIn: 'Network' }, found) });
    expect(plan.stacks[0]).toMatchObject({ outcome: 'unchanged', changes: [] });
    const known = { logicalId: 'Queue', resourceType: 'AWS::SQS::Queue', constructPath: 'Data/Queue/Resource' };
    expect(plan.stacks[0]!.drift).toEqual([
      { ...known, status: 'modified', properties: ['Delay'] },
      { ...known, nestedIn: 'Network', status: 'modified', properties: ['Delay'] },
    ]);
    expect(planAsJson(plan)).not.toContain('****');
    expect((await planWith({ drift: report() })).stacks[0]!.drift).toEqual([]);
    expect(await planWith({}).then(({ stacks }) => stacks[0])).not.toHaveProperty('drift');
  });

  test('can be deployed, whatever has drifted since: what drifted is in its digest, and not compared', async () => {
    const planned = await opened({ drift: report(found) });
    expect(planned.digest).not.toBe(planDigest(planAsJson(await planWith({}))));
    const { stacks } = await deploy({ ...about(), ...planned }, { ...dependencies(), gates: [planned.gate] });
    expect(stacks[0]!.outcome).toBe('unchanged');
    expect(cloud.calls).not.toContain('CreateChangeSet');
  });

  test('shows it, also of a stack that stays unchanged', () => {
    const { resourceType, logicalId, constructPath, status } = found;
    const drift = [
      { logicalId, resourceType, constructPath, status, properties: ['Delay', '<b>'] },
      { logicalId: 'Gone', nestedIn: 'Network', resourceType, status: 'deleted' as const, properties: [] },
    ];
    const plan = planOf(plannedStack('Data', { outcome: 'unchanged', reasons: [], drift }));
    const text = planAsText(plan, RELEASE, 120).split('\n');
    expect(text).toContain('  has drifted since it was deployed:');
    expect(text).toContain('    changed Queue (AWS::SQS::Queue): Delay, <b>');
    expect(text).toContain('    deleted Network/Gone (AWS::SQS::Queue)');
    expect(text.find((line) => line.startsWith('Data '))).toMatch(/unchanged +drifted$/);
    const markdown = planAsMarkdown(plan, RELEASE);
    expect(markdown).toMatch(/^\| <code>Data<\/code> .* unchanged .* \*\*drifted\*\* \|$/m);
    expect(markdown).toMatch(/^- <code>changed Queue &#40;AWS::SQS::Queue&#41;: Delay, &#60;b&#62;<\/code>$/m);
    expect(summaryOf(plan.stacks)).toBe('1 stack: 1 unchanged; 1 drifted');
  });
});

describe('a plan that brings back what drifted', () => {
  beforeEach(() => {
    cloud.resourceChanges = [drifted()];
  });

  test('says so, and shows which resources', async () => {
    const plan = await planWith({ revertDrift: true });
    expect(plan).toMatchObject({
      revertsDrift: true,
      stacks: [
        {
          outcome: 'update',
          reasons: ['1 resource had drifted'],
          changes: [{ drift: 'modified', properties: ['Delay'] }],
        },
      ],
    });
    expect(cloud.calls).not.toContain('ExecuteChangeSet');
    expect(planAsText(plan, RELEASE)).toMatch(/^plan .*, brings back what drifted$/m);
    expect(planAsText(plan, RELEASE)).toMatch(/^ +bring back +Queue +AWS::SQS::Queue +Delay$/m);
    expect(planAsMarkdown(plan, RELEASE)).toMatch(/^It brings back what drifted\.$/m);
    expect(planAsJson(plan)).not.toContain('by-hand');
  });

  test('says of each resource what becomes of it', () => {
    const changes = [
      change('One', { drift: 'deleted', action: 'Add' }),
      change('Two', { drift: 'modified', action: 'SyncWithActual' }),
      change('Three', { drift: 'modified', replacement: 'always' }),
    ];
    const text = planAsText(planOf(plannedStack('Data', { changes })), RELEASE);
    expect(text).toMatch(/^ +make again +One/m);
    expect(text).toMatch(/^ +as it is +Two/m);
    expect(text).toMatch(/^ +replace +Three/m);
  });

  test('is held to: a deployment by it brings that back, and nothing that drifted since', async () => {
    const { gate, ...planned } = await opened({ revertDrift: true });
    expect(planned.revertDrift).toBe(true);
    const by = () => deploy({ ...about(), ...planned }, { ...dependencies(), gates: [gate] });
    cloud.resourceChanges = [drifted(), drifted('Other')];
    expect((await by()).stacks[0]!.failure).toMatchObject({
      code: 'NotPlanned',
      message: expect.stringMatching(/Other/),
    });
    cloud.resourceChanges = [drifted()];
    expect((await by()).stacks[0]!.outcome).toBe('updated');
  });

  test('is refused where it holds a stack unchanged that has drifted since', async () => {
    cloud.emptyChangeSets = true;
    const { gate, ...planned } = await opened({ revertDrift: true });
    cloud.emptyChangeSets = false;
    const { stacks } = await deploy({ ...about(), ...planned }, { ...dependencies(), gates: [gate] });
    expect(stacks[0]!.failure!.code).toBe('NotPlanned');
    expect(cloud.calls).not.toContain('ExecuteChangeSet');
  });

  test('has to be made so: one that was not is refused for a deployment that is to bring back', async () => {
    await expect(opened({}, true)).rejects.toMatchObject({
      code: 'OtherPlan',
      message: expect.stringMatching(/without --revertDrift/),
    });
    expect((await opened({ revertDrift: true }, true)).revertDrift).toBe(true);
    expect((await opened({})).revertDrift).toBe(false);
  });

  test('is no plan if that is said in other words', async () => {
    const file = join(folder, 'plan.json');
    writeFileSync(
      file,
      planAsJson(await planWith({ revertDrift: true })).replace('"revertsDrift": true', '"revertsDrift": 1'),
    );
    await expect(readPlan(file)).rejects.toMatchObject({ code: 'NoPlan' });
  });
});

test('what allows more than by hand is asked about, though the template stays as it is', async () => {
  // given a role whose policy somebody has narrowed
  const role = { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyName: 'p', PolicyDocument: {} }] } };
  assembly = given([{ id: 'Data', template: { Resources: { Role: role } } }]);
  await deploy({ assembly, stacks: ['Data'] }, dependencies());
  cloud.resourceChanges = [
    drifted('Role', {
      ResourceType: 'AWS::IAM::Role',
      Details: [{ Target: { Attribute: 'Properties', Path: '/Properties/Policies', Drift: {} } }],
    }),
  ];
  const asked: string[] = [];
  const ask = async (_: string, lines: readonly string[]) => {
    asked.push(...lines);
    return false;
  };

  // when
  const gate = approvalGate({ required: 'broadening', guarded: new Map(), ask });
  const request = { assembly, stacks: ['Data'], revertDrift: true };
  const { stacks } = await deploy(request, { ...dependencies(), gates: [gate] });

  // then
  expect(asked.join('\n')).toMatch(/Policies of Role \(AWS::IAM::Role\) is brought back to what the template says/);
  expect(stacks[0]!.failure!.code).toBe('NotApproved');
});
