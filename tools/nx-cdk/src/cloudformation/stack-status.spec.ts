import { StackStatus } from '@aws-sdk/client-cloudformation';
import { deployAction, isInProgress, rollbackAction } from './stack-status.ts';

const statuses = Object.values(StackStatus);

test.each([
  ['CREATE_COMPLETE', 'update', 'none'],
  ['UPDATE_COMPLETE', 'update', 'none'],
  ['UPDATE_ROLLBACK_COMPLETE', 'update', 'none'],
  ['REVIEW_IN_PROGRESS', 'create', 'none'],
  ['DELETE_COMPLETE', 'create', 'none'],
  ['UPDATE_IN_PROGRESS', 'wait', 'wait'],
  ['CREATE_FAILED', 'recreate', 'roll-back'],
  ['UPDATE_FAILED', 'roll-back', 'roll-back'],
  ['UPDATE_ROLLBACK_FAILED', 'continue-rollback', 'continue-rollback'],
  ['ROLLBACK_COMPLETE', 'recreate', 'none'],
  ['ROLLBACK_FAILED', 'recreate', 'recreate'],
  ['DELETE_FAILED', 'recreate', 'recreate'],
  ['IMPORT_ROLLBACK_FAILED', 'repair', 'repair'],
])('%s: a deployment would %s, a rollback %s', (status, deployment, rollback) => {
  expect([deployAction(status), rollbackAction(status)]).toEqual([deployment, rollback]);
});

test('a stack that failed half-way is updated as it is where failed stacks are kept', () => {
  const updated = statuses.filter((status) => deployAction(status, false) !== deployAction(status));
  expect(updated.map((status) => deployAction(status, false))).toEqual(['update', 'update']);
  expect(updated.sort()).toEqual(['CREATE_FAILED', 'UPDATE_FAILED']);
});

test('what is in progress is waited for by both', () => {
  const running = statuses.filter(isInProgress);
  expect(running).not.toContain('REVIEW_IN_PROGRESS');
  for (const status of running) expect([deployAction(status), rollbackAction(status)]).toEqual(['wait', 'wait']);
});

test('a status of tomorrow is waited for if it is in progress, and needs a person otherwise', () => {
  expect([deployAction('REPAIR_IN_PROGRESS'), rollbackAction('REPAIR_IN_PROGRESS')]).toEqual(['wait', 'wait']);
  expect([deployAction('BEYOND_REPAIR'), rollbackAction('BEYOND_REPAIR')]).toEqual(['repair', 'repair']);
});
