import type { DeployRun } from '../report/index.ts';
import { lastChangesOf } from './last-changes.ts';

let minute = 0;
beforeEach(() => (minute = 59));

/** The newest is made first. */
function run(release: string | undefined, outcomes: Readonly<Record<string, string>>, success = true): DeployRun {
  const startedAt = `2026-11-28T23:${minute--}:00.000Z`;
  const stacks = Object.entries(outcomes).map(([id, outcome]) => ({ id, outcome }));
  const recording = { startedAt, milliseconds: 1, runs: [], calls: [], retried: [], messages: [] };
  return { format: 1, command: 'deploy', project: 'shop', success, recording, result: { release, stacks } } as never;
}

const changed = async (...runs: DeployRun[]) => Object.fromEntries((await lastChangesOf(runs))!.changes);

test('all runs of the newest release count, and no older one', async () => {
  const runs = [
    run('b', { 'prod/Data': 'updated', 'prod/Web': 'unchanged' }),
    run('b', { 'staging/Data': 'created', 'staging/Web': 'failed' }),
    run('a', { 'staging/Old': 'updated' }),
    run('b', { 'staging/Before': 'updated' }),
  ];
  expect(await changed(...runs)).toEqual({ 'prod/Data': 'updated', 'staging/Data': 'created' });
});

test('a stack that was created and then updated is new', async () => {
  expect(await changed(run('b', { Data: 'updated' }), run('b', { Data: 'created' }))).toEqual({ Data: 'created' });
});

test('given no name of a release, then the newest run alone counts', async () => {
  expect(await changed(run(undefined, { A: 'updated' }), run(undefined, { B: 'updated' }))).toEqual({ A: 'updated' });
});

test('a dry run and one that an error ended have changed nothing', async () => {
  const ended = { ...run('c', {}, false), result: undefined } as never;
  const last = await lastChangesOf([ended, run('b', { A: 'planned' }), run('a', { A: 'updated' }, false)]);
  expect(last).toMatchObject({ hasFailed: true, startedAt: '2026-11-28T23:57:00.000Z' });
  expect(await lastChangesOf([])).toBeUndefined();
});
