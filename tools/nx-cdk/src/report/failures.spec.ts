import type { OrderedItem, RecordedItem } from '../progress/index.ts';
import { skippedAfter } from './failures.ts';

const item = (id: string, outcome: RecordedItem['outcome']): RecordedItem => ({ id, label: id, steps: [], outcome });

const run = (items: readonly RecordedItem[], order: readonly OrderedItem[]) => ({
  action: 'deploy',
  subject: '',
  startedAt: 0,
  items,
  order,
});

test('what waited for a failure, itself or by others and barriers, was skipped because of it', () => {
  const items = [
    item('a/Failed', 'failed'),
    item('a/Next', 'skipped'),
    item('a/Other', 'updated'),
    item('b/Later', 'skipped'),
  ];
  const order = [
    { id: 'a/Next', after: ['a/Failed'] },
    { id: 'a/Other', after: [] },
    { id: 'b/Later', after: ['promotion:a'] },
    { id: 'promotion:a', after: ['a/Next', 'a/Other'], barrier: true as const },
  ];
  expect(skippedAfter('a/Failed', run(items, order))).toEqual(['a/Next', 'b/Later']);
});

test('what another failure skipped is not because of this one', () => {
  const items = [item('A', 'failed'), item('B', 'failed'), item('C', 'skipped')];
  expect(skippedAfter('A', run(items, [{ id: 'C', after: ['B'] }]))).toEqual([]);
});

test('a circle, which no run has, ends', () => {
  const order = [
    { id: 'A', after: ['B'] },
    { id: 'B', after: ['A'] },
  ];
  expect(skippedAfter('A', run([item('A', 'failed'), item('B', 'skipped')], order))).toEqual(['B']);
});
