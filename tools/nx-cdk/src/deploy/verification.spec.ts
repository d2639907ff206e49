import { cloud, dependencies, events, given } from '../cloudformation/testing/each-test.ts';
import { Failure } from '../failure/index.ts';
import { deploy } from './index.ts';

const stacks = ['staging/Data', 'staging/Web', 'prod/Data'].map((id) => ({ id }));
const promotion = [
  { name: 'staging', stackIds: ['staging/Data', 'staging/Web'] },
  { name: 'prod', stackIds: ['prod/Data'] },
];

let checked: [environment: string, outputs: object, deployed: string[]][];
let problem: Error | undefined;

beforeEach(() => {
  checked = [];
  problem = undefined;
});

const run = async (environments = ['staging'], signal?: AbortSignal) => {
  const verify = async (environment: string, outputs: object) => {
    checked.push([environment, outputs, [...cloud.stacks.keys()]]);
    if (problem !== undefined) throw problem;
  };
  const request = { assembly: given(stacks), stacks: stacks.map(({ id }) => id), promotion };
  return deploy(request, { ...dependencies(), signal, verification: { environments, verify } });
};

describe('the check of an environment', () => {
  test('runs after its stacks, with their outputs, and before later environments', async () => {
    const report = await run();
    expect(checked).toEqual([['staging', { 'staging-Data': {}, 'staging-Web': {} }, ['staging-Data', 'staging-Web']]]);
    expect(report).toMatchObject({
      success: true,
      verified: [{ environment: 'staging', outcome: 'passed' }],
    });
    expect(report.stacks.map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'run-started', items: 4 }));
    const summary = '3 stacks: 3 created; 1 check: 1 passed';
    expect(events).toContainEqual(expect.objectContaining({ type: 'run-finished', summary }));
  });

  test('that fails stops the promotion, and the next run checks again although nothing has changed', async () => {
    problem = new Failure('VerifyFailed', { subject: 'staging', what: 'its check failed', next: 'look at it' });
    const failed = await run();
    expect(failed.success).toBe(false);
    const summary = '3 stacks: 2 created, 1 skipped; 1 check: 1 failed';
    expect(events).toContainEqual(expect.objectContaining({ type: 'run-finished', summary }));
    expect(failed.verified).toMatchObject([{ outcome: 'failed', failure: { code: 'VerifyFailed' } }]);
    expect(failed.stacks.map(({ outcome, notes }) => [outcome, ...notes])).toEqual([
      ['created'],
      ['created'],
      ['skipped', 'verify:staging failed'],
    ]);
    expect(cloud.stacks.has('prod-Data')).toBe(false);

    const again = await run();
    expect(again.stacks.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'skipped']);

    problem = undefined;
    const mended = await run();
    expect(mended.success).toBe(true);
    expect(mended.stacks.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'created']);
    expect(checked).toHaveLength(3);
  });

  test('is skipped where one of its stacks failed', async () => {
    cloud.endings.set('execute staging-Web', ['ROLLBACK_COMPLETE']);
    const report = await run();
    expect(checked).toEqual([]);
    expect(report.verified).toMatchObject([{ outcome: 'skipped', detail: 'staging/Web failed' }]);
    expect(report.stacks[2]).toMatchObject({ outcome: 'skipped', notes: ['staging/Web failed'] });
  });

  test('of the last environment counts too', async () => {
    problem = new Error('down');
    const report = await run(['prod']);
    expect(report.stacks.map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created']);
    expect(report).toMatchObject({ success: false, verified: [{ environment: 'prod', outcome: 'failed' }] });
  });

  test('does not begin after an interruption', async () => {
    const interrupt = new AbortController();
    cloud.intercept = (action, { ChangeSetName }) =>
      void (action === 'ExecuteChangeSet' && ChangeSetName && interrupt.abort());
    const report = await run(['staging'], interrupt.signal);
    expect(checked).toEqual([]);
    expect(report.verified).toMatchObject([{ outcome: 'skipped' }]);
  });
});

test('without a check, a report says nothing of one', async () => {
  expect(await run([])).not.toHaveProperty('verified');
});
