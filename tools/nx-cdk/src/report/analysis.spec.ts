import type { OrderedItem, RecordedItem, RecordedRun } from '../progress/index.ts';
import { adviceOn } from './advice.ts';
import { analyse, numbersAtOnce } from './analysis.ts';

const WHERE = '111111111111/eu-west-1';

const item = (id: string, startedAt: number, milliseconds: number, more: Partial<RecordedItem> = {}): RecordedItem => ({
  id,
  label: id,
  where: WHERE,
  startedAt,
  milliseconds,
  steps: [],
  outcome: 'updated',
  ...more,
});

/** A run; what is not in the given order waits for nothing. */
const runOf = (items: readonly RecordedItem[], given: readonly OrderedItem[] = []): RecordedRun => ({
  action: 'deploy',
  subject: '',
  startedAt: 0,
  items,
  order: [
    ...given,
    ...items.filter(({ id }) => given.every((one) => one.id !== id)).map(({ id }) => ({ id, after: [] })),
  ],
});

const path = (run: RecordedRun) => analyse(run).criticalPath.map(({ id, after }) => [id, after]);

describe('what an item waited for', () => {
  test('others, from the beginning of the run until the last of them has ended', () => {
    const items = [item('A', 100, 2000), item('B', 100, 5000), item('C', 5110, 1000)];
    const { timings } = analyse(runOf(items, [{ id: 'C', after: ['A', 'B'] }]));
    expect(timings.get('C')).toEqual({
      from: 5110,
      to: 6110,
      waits: [{ kind: 'others', from: 100, to: 5100, for: 'B' }],
    });
    expect(timings.get('A')!.waits).toEqual([]);
  });

  test('a barrier, after what it waits for itself', () => {
    const items = [item('a/A', 0, 1000), item('a/B', 0, 4000), item('b/C', 4010, 1000)];
    const order = [
      { id: 'b/C', after: ['a/A', 'promotion:a'] },
      { id: 'promotion:a', after: ['a/A', 'a/B'], barrier: true as const },
    ];
    const { timings, barriers } = analyse(runOf(items, order));
    expect(timings.get('b/C')!.waits).toEqual([
      { kind: 'others', from: 0, to: 1000, for: 'a/A' },
      { kind: 'barrier', from: 1000, to: 4000, for: 'promotion:a' },
    ]);
    expect([...barriers]).toEqual([['promotion:a', 4000]]);
  });

  test('a free place, if nothing else kept it from starting', () => {
    const items = [item('A', 0, 3000), item('B', 3005, 1000)];
    expect(analyse(runOf(items)).timings.get('B')!.waits).toEqual([{ kind: 'place', from: 0, to: 3005 }]);
  });

  test('given a run that has no order, then nobody knows', () => {
    const run = { ...runOf([item('A', 0, 3000), item('B', 3005, 1000)]), order: [] };
    expect(analyse(run).timings.get('B')!.waits).toEqual([]);
    expect(adviceOn(run, { retried: [] }, analyse(run))).toEqual(['B took 1.0 s of 4.0 s.']);
  });

  test('a moment that a busy process needs is no wait', () => {
    expect(analyse(runOf([item('A', 0, 3000), item('B', 90, 1000)])).timings.get('B')!.waits).toEqual([]);
  });

  test('a barrier that did not open, since an item before it was skipped, is waited for by nobody', () => {
    const skipped: RecordedItem = { id: 'a/B', label: 'a/B', steps: [], outcome: 'skipped', milliseconds: 0 };
    const order = [
      { id: 'a/B', after: ['a/A'] },
      { id: 'promotion:a', after: ['a/A', 'a/B'], barrier: true as const },
    ];
    const { barriers, timings } = analyse(runOf([item('a/A', 0, 10), skipped], order));
    expect(barriers.size).toBe(0);
    expect([...timings.keys()]).toEqual(['a/A']);
  });
});

describe('the critical path', () => {
  test('leads from what ended last to what it waited for last, through barriers', () => {
    const items = [item('a/A', 0, 1000), item('a/B', 0, 4000), item('b/C', 4010, 1000), item('b/D', 5015, 10)];
    const order = [
      { id: 'b/C', after: ['promotion:a'] },
      { id: 'b/D', after: ['b/C', 'promotion:a'] },
      { id: 'promotion:a', after: ['a/A', 'a/B'], barrier: true as const },
    ];
    expect(path(runOf(items, order))).toEqual([
      ['a/B', undefined],
      ['b/C', 'barrier'],
      // It waited at the barrier too, but longer for what it depends on.
      ['b/D', 'others'],
    ]);
  });

  test('goes on with what made a place free, in the same target if it can be', () => {
    const elsewhere = { where: '222222222222/us-east-1' };
    const items = [item('A', 0, 3000), item('B', 0, 3001, elsewhere), item('C', 3005, 1000)];
    expect(path(runOf(items))).toEqual([
      ['A', undefined],
      ['C', 'place'],
    ]);
  });

  test('of nothing is empty, and a circle ends', () => {
    expect(path(runOf([]))).toEqual([]);
    const order = [
      { id: 'A', after: ['B'] },
      { id: 'B', after: ['A'] },
    ];
    expect(path(runOf([item('A', 0, 1000), item('B', 2000, 1000)], order)).at(-1)![0]).toBe('B');
  });
});

test('how many at once: what ends makes its place free for what begins then', () => {
  const items = [item('A', 0, 100), item('B', 50, 50), item('C', 100, 10)];
  expect(numbersAtOnce(items)).toEqual([
    [0, 1],
    [50, 2],
    [100, 1],
    [100, 0],
    [100, 1],
    [110, 0],
  ]);
  expect(analyse(runOf(items)).atOnce).toBe(2);
});

describe('what would have been faster', () => {
  const advice = (run: RecordedRun, retried: Parameters<typeof adviceOn>[1]['retried'] = []) =>
    adviceOn(run, { retried }, analyse(run));

  test('names the item and the resource that took longest on the critical path', () => {
    const part = { kind: 'AWS::RDS::DBInstance', startedAt: 100, status: 'CREATE_COMPLETE' };
    const parts = [
      { ...part, name: 'Small', milliseconds: 100 },
      { ...part, name: 'Db', constructPath: 'A/Db', milliseconds: 8000 },
    ];
    const items = [item('A', 0, 9000, { parts }), item('B', 9005, 1000)];
    expect(advice(runOf(items, [{ id: 'B', after: ['A'] }]))).toEqual([
      'A took 9.0 s of 10.0 s, longest of 2 steps on the critical path; in it, A/Db (AWS::RDS::DBInstance) took 8.0 s.',
      'Nothing waited for a free place: a higher --concurrency would not have been faster.',
    ]);
  });

  test('says what waiting for a place cost at most', () => {
    const items = [item('A', 0, 5000), item('B', 5005, 5000), item('C', 10_010, 5000)];
    expect(advice(runOf(items))[1]).toBe(
      '2 stacks waited for a free place while 1 were worked on: with a higher --concurrency and --concurrencyPerTarget, at best 10.0 s less.',
    );
  });

  test('says what promotion cost at most', () => {
    const items = [item('a/A', 0, 5000), item('b/B', 5005, 4000)];
    const order = [
      { id: 'b/B', after: ['promotion:a'] },
      { id: 'promotion:a', after: ['a/A'], barrier: true as const },
    ];
    expect(advice(runOf(items, order))).toContain(
      'Promotion, one environment after the other, took at most 4.0 s of it.',
    );
  });

  test('counts requests that took more than one attempt while it ran', () => {
    const call = { service: 'cloudformation', action: 'DescribeStacks', target: WHERE, attempts: 3, milliseconds: 700 };
    const said = advice(runOf([item('A', 0, 5000)]), [
      { ...call, at: 1000 },
      { ...call, at: 9000 },
    ]);
    expect(said).toContain(
      '1 request needed more than one attempt, as when AWS throttles: cloudformation:DescribeStacks; they took 0.7 s in all.',
    );
  });

  test('is silent about what was quick', () => {
    expect(advice(runOf([item('A', 0, 500), item('B', 600, 100)]))).toEqual([]);
  });
});
