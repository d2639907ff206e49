import { Failure } from '../failure/index.ts';
import { failedItem, type ProgressEvent, Run } from './index.ts';
import type { RunItem } from './run.ts';

let events: ProgressEvent[];
let time: number;
beforeEach(() => {
  events = [];
  time = 0;
});

function begin(options: { signal?: AbortSignal; words?: object; items?: number } = {}): Run {
  const listener = (event: ProgressEvent) => void events.push(event);
  const run = {
    listener,
    action: 'deploy',
    subject: '2 stacks in 1 target',
    noun: 'stack',
    clock: { now: () => time },
  };
  return new Run({ ...run, items: 2, ...options });
}

const named = (id: string): RunItem => ({ id });
const last = () => events.at(-1);

test('tells the start, each item and the end, with the times between', async () => {
  const run = begin();
  const ended = await run.item({ id: 'Data', where: '111111111111/eu-west-1' }, async () => {
    time += 1500;
    return { outcome: 'updated', detail: '1 modified', note: 'kept' } as const;
  });
  run.end('Api', { outcome: 'unchanged' });

  expect(ended).toEqual({ outcome: 'updated', detail: '1 modified', note: 'kept', seconds: 1.5 });
  expect(run.finish()).toEqual({ success: true, interrupted: false, milliseconds: 1500 });
  expect(events).toEqual([
    { type: 'run-started', action: 'deploy', items: 2, subject: '2 stacks in 1 target' },
    { type: 'item-started', id: 'Data', label: 'Data', where: '111111111111/eu-west-1' },
    { type: 'item-finished', id: 'Data', outcome: 'updated', detail: '1 modified', milliseconds: 1500 },
    { type: 'item-finished', id: 'Api', outcome: 'unchanged', milliseconds: 0 },
    { type: 'run-finished', success: true, summary: '2 stacks: 1 updated, 1 unchanged', milliseconds: 1500 },
  ]);
});

test('fails with an item that failed, which holds the failure as data', async () => {
  const run = begin();
  const failure = new Failure('AssetMissing', { subject: 'Data', what: 'its template is gone', next: 'publish' });
  const ended = await run.item(named('Data'), async () => failedItem(failure));

  const message = 'Data: its template is gone: publish.';
  expect(ended.failure).toEqual({ code: 'AssetMissing', message, next: 'publish' });
  expect(last()).toMatchObject({ type: 'item-finished', outcome: 'failed', detail: message });
  expect(run.finish().success).toBe(false);
});

test('works on no more items at a time than it may', async () => {
  let active = 0;
  let most = 0;
  await begin().each(['a', 'b', 'c'], 2, named, async () => {
    most = Math.max(most, (active += 1));
    await Promise.resolve();
    active -= 1;
    return { outcome: 'passed' } as const;
  });
  expect(most).toBe(2);
});

test('starts no further item after an interruption, and says so', async () => {
  const interrupt = new AbortController();
  const run = begin({ signal: interrupt.signal });
  const ended = await run.each(['a', 'b'], 1, named, async () => {
    interrupt.abort();
    return { outcome: 'updated' } as const;
  });

  expect(ended.map(({ outcome }) => outcome)).toEqual(['updated', 'skipped']);
  expect(last()).toMatchObject({ outcome: 'skipped', detail: 'interrupted before it started' });
  expect(run.finish()).toMatchObject({ success: false, interrupted: true });
});

test('counts in the words of the engine, and says if there is nothing to do', () => {
  begin().finish();
  expect(last()).toMatchObject({ success: true, summary: '0 stacks: nothing to do' });

  const run = begin({ words: { unchanged: 'not there' } });
  run.end('Data', { outcome: 'unchanged' });
  run.finish();
  expect(last()).toMatchObject({ summary: '1 stack: 1 not there' });
});

test('counts what is no such item by its own noun', async () => {
  const run = begin();
  await run.item({ ...named('verify:staging'), noun: 'check' }, async () => ({ outcome: 'passed' }) as const);
  run.end('Data', { outcome: 'unchanged' });
  run.end('verify:prod', { outcome: 'skipped' }, 0, 'check');
  run.finish();
  expect(last()).toMatchObject({ summary: '1 stack: 1 unchanged; 2 checks: 1 passed, 1 skipped' });
});
