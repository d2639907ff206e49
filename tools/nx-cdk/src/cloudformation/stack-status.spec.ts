import { StackStatus } from '@aws-sdk/client-cloudformation';
import type { DeploymentSettings } from './deployment-mode.ts';
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
  expect([deployAction({ status }), rollbackAction({ status })]).toEqual([deployment, rollback]);
});

test('a stack that failed half-way is updated as it is where failed stacks are kept', () => {
  const kept = (status: string) => deployAction({ status }, { mode: 'standard', rollback: false });
  const updated = statuses.filter((status) => kept(status) !== deployAction({ status }));
  expect(updated.map(kept)).toEqual(['update', 'update']);
  expect(updated.sort()).toEqual(['CREATE_FAILED', 'UPDATE_FAILED']);
});

test('what is in progress is waited for by both', () => {
  const running = statuses.filter(isInProgress);
  expect(running).not.toContain('REVIEW_IN_PROGRESS');
  for (const status of running)
    expect([deployAction({ status }), rollbackAction({ status })]).toEqual(['wait', 'wait']);
});

test('a status of tomorrow is waited for if it is in progress, and needs a person otherwise', () => {
  const both = (status: string) => [deployAction({ status }), rollbackAction({ status })];
  expect(both('REPAIR_IN_PROGRESS')).toEqual(['wait', 'wait']);
  expect(both('BEYOND_REPAIR')).toEqual(['repair', 'repair']);
});

describe('a stack whose last operation failed in express mode', () => {
  const failed = (status: string) => ({ status, mode: 'express' }) as const;

  test.each<[string, DeploymentSettings, string, string]>([
    ['in express mode goes on where it stopped', { mode: 'express' }, 'update', 'update'],
    ['with rollback cannot: a new one is made anew', { mode: 'express', rollback: true }, 'recreate', 'go-on-express'],
    ['in standard mode cannot, with rollback or without', { mode: 'standard' }, 'recreate', 'go-on-express'],
    ['without rollback neither', { mode: 'standard', rollback: false }, 'recreate', 'go-on-express'],
  ])('a deployment %s', (_, wanted, created, updated) => {
    expect(deployAction(failed('CREATE_FAILED'), wanted)).toBe(created);
    expect(deployAction(failed('UPDATE_FAILED'), wanted)).toBe(updated);
  });

  test('is not rolled back, since CloudFormation does not', () => {
    expect(rollbackAction(failed('CREATE_FAILED'))).toBe('recreate');
    expect(rollbackAction(failed('UPDATE_FAILED'))).toBe('go-on-express');
  });

  test('is a stack like any other once it is well again', () => {
    for (const status of statuses.filter((one) => one.endsWith('_COMPLETE')))
      expect(deployAction(failed(status))).toBe(deployAction({ status }));
  });
});

test('a stack that failed in standard mode is rolled back before a deployment in express mode, if not told otherwise', () => {
  expect(deployAction({ status: 'UPDATE_FAILED' }, { mode: 'express' })).toBe('roll-back');
  expect(deployAction({ status: 'UPDATE_FAILED' }, { mode: 'express', rollback: false })).toBe('update');
});
