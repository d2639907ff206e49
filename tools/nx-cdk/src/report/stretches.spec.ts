import type { RecordedItem, RecordedRun } from '../progress/index.ts';
import { analyse } from './analysis.ts';
import { stretchesOf } from './stretches.ts';

const item = (more: Partial<RecordedItem>): RecordedItem => ({
  id: 'staging/Data',
  label: 'staging/Data',
  steps: [],
  outcome: 'updated',
  startedAt: 0,
  milliseconds: 100,
  ...more,
});

/** What is drawn of an item that is alone in its run, in percent of its time. */
function drawn(action: string, more: Partial<RecordedItem>): string[] {
  const only = item(more);
  const run: RecordedRun = { action, subject: '', startedAt: 0, order: [], items: [only] };
  return stretchesOf(only, run, analyse(run)).map(({ look, from, to }) => `${look} ${from}-${to}`);
}

const steps = [
  { at: 20, text: 'creating change set' },
  { at: 40, text: 'updating' },
];
const parts = [{ name: 'Queue', kind: 'Q', startedAt: 50, milliseconds: 9, status: 'UPDATE_COMPLETE' }];

test.each([
  [
    'a deployment changes resources when the first one begins',
    'deploy',
    { steps, parts },
    ['before 0-50', 'work 50-100'],
  ],
  ['of one without resources, the step says when', 'deploy', { steps }, ['before 0-40', 'work 40-100']],
  ['one that changes nothing is unchanged', 'deploy', { outcome: 'unchanged' }, ['unchanged 0-100']],
  ['one that failed says when it did', 'deploy', { outcome: 'failed', parts }, ['before 0-50', 'failed 50-100']],
  ['a plan changes nothing', 'plan', { outcome: 'planned', steps: steps.slice(0, 1) }, ['planning 0-100']],
  ['nor does a dry run', 'deploy (dry run)', { outcome: 'planned' }, ['planning 0-100']],
  ['an asset is sent', 'publish', { outcome: 'uploaded' }, ['sending 0-100']],
  ['a check checks', 'deploy', { id: 'verify:staging', outcome: 'passed' }, ['checking 0-100']],
  ['a check that failed has failed', 'deploy', { id: 'verify:staging', outcome: 'failed' }, ['failed 0-100']],
  ['what was skipped has no time', 'deploy', { outcome: 'skipped', startedAt: undefined }, []],
] as const)('%s', (_name, action, more, expected) => {
  expect(drawn(action, more as Partial<RecordedItem>)).toEqual(expected);
});

test.each([
  ['before it has begun with resources', steps.slice(0, 1), ['before 0-100', 'work 100-100']],
  ['after that', steps, ['before 0-40', 'work 40-100']],
] as const)('a stack that is worked on, %s', (_name, taken, expected) => {
  expect(drawn('deploy', { outcome: 'running', steps: taken })).toEqual(expected);
});
