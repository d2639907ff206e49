import { cloud, dependencies, given } from '../cloudformation/testing/each-test.ts';
import type { ProgressEvent } from '../progress/index.ts';
import { deploy } from './index.ts';

/** Deploys two stacks, one after the other. @returns what was told */
async function deployed(timeline: boolean): Promise<ProgressEvent[]> {
  const events: ProgressEvent[] = [];
  const assembly = given([{ id: 'Data' }, { id: 'Api', dependencies: ['Data'] }]);
  const listener = (event: ProgressEvent) => void events.push(event);
  const report = await deploy({ assembly, stacks: ['Data', 'Api'] }, { ...dependencies(), listener, timeline });
  expect(report.success).toBe(true);
  return events;
}

test('what waits for what is told when a run begins', async () => {
  const [first] = await deployed(false);
  expect(first).toMatchObject({
    type: 'run-started',
    order: [
      { id: 'Data', after: [] },
      { id: 'Api', after: ['Data'] },
    ],
  });
});

test('given that timelines are wanted, then the events of each stack are read once more, and else not', async () => {
  const looks = () => cloud.calls.filter((call) => call === 'DescribeStackEvents').length;
  await deployed(false);
  const without = looks();
  cloud.stacks.clear();
  await deployed(true);
  expect(looks() - without).toBe(without + 2);
});

test('given that events cannot be read, then the stacks are deployed all the same', async () => {
  cloud.intercept = (action) => {
    if (action === 'DescribeStackEvents') throw Object.assign(new Error('no'), { name: 'AccessDenied' });
  };
  const events = await deployed(true);
  expect(events.filter(({ type }) => type === 'item-parts')).toEqual([]);
});
