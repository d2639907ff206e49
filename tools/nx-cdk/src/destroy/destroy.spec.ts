import { cloud, dependencies, given } from '../cloudformation/testing/each-test.ts';
import { destroy } from './index.ts';

test.each([
  [true, { Mode: 'EXPRESS' }, 'express mode: its resources may still be going away'],
  [undefined, undefined, undefined],
])('a stack is deleted in express mode only if asked: %s', async (express, config, detail) => {
  cloud.put('Data', 'UPDATE_COMPLETE');
  const sent: unknown[] = [];
  cloud.intercept = (action, { DeploymentConfig }) => void (action === 'DeleteStack' && sent.push(DeploymentConfig));

  const report = await destroy({ assembly: given([{ id: 'Data' }]), stacks: ['Data'], express }, dependencies());

  expect(report.stacks).toMatchObject([{ outcome: 'deleted' }]);
  expect(report.stacks[0]?.detail).toBe(detail);
  expect(sent).toEqual([config]);
});
