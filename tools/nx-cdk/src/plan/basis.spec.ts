import { hash } from 'node:crypto';
import { changeSetName, type CloudFormation, type DescribedStack, type DesiredStack } from '../cloudformation/index.ts';
import { movedSince } from './basis.ts';
import type { PlannedStack } from './model.ts';
import { plannedStack } from './testing/plans.ts';

const DIGEST = 'd'.repeat(32);
const UPDATED = Date.parse('2026-01-01T10:00:00Z');
const OLD = '{"Resources":{}}';
const NEW = '{"Resources":{"Queue":{"Type":"AWS::SQS::Queue"}}}';

const arn = (digest: string, at = UPDATED) =>
  `arn:aws:cloudformation:eu-west-1:111111111111:changeSet/${changeSetName(digest, at)}/uuid`;
const OURS = arn(DIGEST);
const THEIRS = arn('e'.repeat(32));

const desired = {
  resolved: { stack: { id: 'Data', tags: {} } },
  template: { parameters: new Map(), text: () => NEW },
  parameters: new Map(),
  notificationArns: [],
  digest: DIGEST,
} as unknown as DesiredStack;

function stack(status: string, more: Partial<DescribedStack> = {}): DescribedStack {
  return {
    name: 'Data',
    id: 'stack/Data/1',
    status,
    updatedAt: UPDATED,
    changeSetId: THEIRS,
    parameters: {},
    tags: {},
    notificationArns: [],
    terminationProtection: false,
    outputs: {},
    exports: {},
    ...more,
  };
}

const BASIS: PlannedStack['basis'] = {
  stackId: 'stack/Data/1',
  status: 'CREATE_COMPLETE',
  updatedAt: new Date(UPDATED).toISOString(),
  changeSet: THEIRS.split('/')[1]!,
  template: hash('sha256', OLD),
};

const moved = (planned: Partial<PlannedStack>, current: DescribedStack | undefined, template = OLD) => {
  const cloudFormation = { originalTemplate: async () => template } as unknown as CloudFormation;
  return movedSince(plannedStack('Data', planned), { cloudFormation, desired, current });
};

describe('a stack has not moved where it', () => {
  test.each<[string, Partial<PlannedStack>, DescribedStack | undefined, string?]>([
    ['is not there still', { outcome: 'create' }, undefined],
    ['has a change set that nobody executed', { outcome: 'create' }, stack('REVIEW_IN_PROGRESS')],
    ['is as it was', { basis: BASIS }, stack('CREATE_COMPLETE')],
    [
      'is what is planned already, as its change set tells',
      { basis: BASIS },
      stack('UPDATE_COMPLETE', { changeSetId: OURS, updatedAt: UPDATED + 1000 }),
    ],
    [
      'is what is planned already, as its template tells',
      { basis: BASIS },
      stack('UPDATE_COMPLETE', { changeSetId: undefined }),
      NEW,
    ],
    ['was created as planned, which failed', { outcome: 'create' }, stack('ROLLBACK_COMPLETE', { changeSetId: OURS })],
    ['is being created as planned', { outcome: 'create' }, stack('CREATE_IN_PROGRESS', { changeSetId: OURS })],
    [
      'was updated as planned, which was rolled back',
      { basis: BASIS },
      stack('UPDATE_ROLLBACK_COMPLETE', { changeSetId: OURS }),
    ],
    [
      'was updated as planned, which stopped half-way',
      { basis: BASIS },
      stack('UPDATE_FAILED', { changeSetId: OURS }),
      NEW,
    ],
    [
      'was deleted, as planned, to be created anew',
      { outcome: 'recreate', basis: { ...BASIS, status: 'ROLLBACK_COMPLETE' } },
      undefined,
    ],
    [
      'was created anew as planned, which failed',
      { outcome: 'recreate', basis: { ...BASIS, status: 'ROLLBACK_COMPLETE' } },
      stack('ROLLBACK_COMPLETE', { id: 'stack/Data/2', changeSetId: OURS }),
    ],
  ])('%s', async (...given) => {
    // Taken apart here: Jest waits for a callback if a function asks for more than its row has.
    const [, planned, current, template] = given;
    expect(await moved(planned, current, template)).toBeUndefined();
  });
});

describe('a stack has moved where', () => {
  test.each<[string, Partial<PlannedStack>, DescribedStack | undefined, RegExp, string?]>([
    ['it is gone', { basis: BASIS }, undefined, /was there when it was planned, and is gone/],
    ['it was deleted to its last trace', { basis: BASIS }, stack('DELETE_COMPLETE'), /is gone/],
    [
      'somebody made it',
      { outcome: 'create' },
      stack('CREATE_COMPLETE'),
      /was not there when it was planned, and is now in status CREATE_COMPLETE/,
    ],
    ['somebody failed to make it', { outcome: 'create' }, stack('ROLLBACK_COMPLETE'), /was not there/],
    [
      'it is another one',
      { basis: BASIS },
      stack('CREATE_COMPLETE', { id: 'stack/Data/2' }),
      /deleted and created anew/,
    ],
    [
      'it was updated',
      { basis: BASIS },
      stack('UPDATE_COMPLETE', { updatedAt: UPDATED + 1 }),
      /CREATE_COMPLETE, last updated 2026-01-01T10:00:00.000Z, and is now in status UPDATE_COMPLETE, last updated 2026-01-01T10:00:00.001Z/,
    ],
    [
      'it was updated by another change set',
      { basis: BASIS },
      stack('CREATE_COMPLETE', { changeSetId: arn('f'.repeat(32)) }),
      /is now in status/,
    ],
    ['somebody updates it', { basis: BASIS }, stack('UPDATE_IN_PROGRESS'), /is now in status UPDATE_IN_PROGRESS/],
    [
      'somebody’s update was rolled back',
      { basis: BASIS },
      stack('UPDATE_ROLLBACK_COMPLETE'),
      /UPDATE_ROLLBACK_COMPLETE/,
    ],
    [
      'it was updated as planned and then by hand, which no name of a change set tells',
      { basis: BASIS },
      stack('UPDATE_ROLLBACK_COMPLETE', { changeSetId: OURS }),
      /UPDATE_ROLLBACK_COMPLETE/,
      '{"Resources":{"Other":{}}}',
    ],
    [
      'it was updated as planned and then by hand, successfully',
      { basis: BASIS },
      stack('UPDATE_COMPLETE', { changeSetId: OURS, updatedAt: UPDATED + 3600_000 }),
      /UPDATE_COMPLETE/,
    ],
  ])('%s', async (...given) => {
    const [, planned, current, sentence, template] = given;
    expect(await moved(planned, current, template)).toMatch(sentence);
  });
});
