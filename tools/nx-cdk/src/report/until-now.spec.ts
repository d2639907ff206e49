import type { RecordedItem, RecordedRun, Recording } from '../progress/index.ts';
import { untilNow, waitsIn } from './until-now.ts';

const where = '111111111111/eu-west-1';
const order = [
  { id: 'a/Data', after: [], where },
  { id: 'a/Api', after: ['a/Data'], where },
  { id: 'b/Data', after: ['promotion:a'], where },
  { id: 'promotion:a', after: ['a/Data', 'a/Api'], barrier: true as const },
];
const item = (id: string, more: Partial<RecordedItem> = {}): RecordedItem => ({ id, label: id, steps: [], ...more });

function now(items: readonly RecordedItem[], more: Partial<RecordedRun> = {}): RecordedRun {
  const run = { action: 'deploy', subject: '', startedAt: 0, order, items, ...more };
  const recording: Recording = { startedAt: '', milliseconds: 90, runs: [run], calls: [], retried: [], messages: [] };
  return untilNow(recording).runs[0]!;
}

test('what has not begun waits, in its target; what has begun is running until now', () => {
  expect(now([item('a/Data', { startedAt: 40 })]).items).toEqual([
    item('a/Data', { startedAt: 40, outcome: 'running', milliseconds: 50 }),
    item('a/Api', { where, outcome: 'waiting' }),
    item('b/Data', { where, outcome: 'waiting' }),
  ]);
});

test('of a run that has ended, nothing waits', () => {
  const items = [item('a/Data', { startedAt: 40 })];
  expect(now(items, { milliseconds: 80 }).items).toEqual(items);
});

test.each([
  ['another one that has not ended', [item('a/Data', { startedAt: 0 })], 'a/Api', ['a/Data']],
  ['a place, if that has ended', [item('a/Data', { startedAt: 0, outcome: 'updated' })], 'a/Api', []],
  ['the environment before', [item('a/Data', { startedAt: 0, outcome: 'updated' })], 'b/Data', ['promotion:a']],
  [
    'a place, if all of that has ended',
    [item('a/Data', { startedAt: 0, outcome: 'updated' }), item('a/Api', { outcome: 'unchanged' })],
    'b/Data',
    [],
  ],
] as const)('an item waits for %s', (_, items, id, expected) => {
  expect(waitsIn(now(items))(id)).toEqual(expected);
});

test('a circle of barriers, which no run has, ends', () => {
  const circle = [
    { id: 'x', after: ['one'] },
    { id: 'one', after: ['two'], barrier: true as const },
    { id: 'two', after: ['one'], barrier: true as const },
  ];
  expect(waitsIn(now([], { order: circle }))('x')).toEqual(['one']);
});
