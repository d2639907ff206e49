import type { Changes, ResourceChange } from '../cloudformation/index.ts';
import { beyondPlan } from './admission.ts';
import { change, plannedStack } from './testing/plans.ts';

function changes(...resources: readonly Partial<ResourceChange>[]): Changes {
  const complete = resources.map((one) => ({
    action: 'Modify',
    logicalId: 'Queue',
    resourceType: 'AWS::SQS::Queue',
    constructPath: 'Data/Queue/Resource',
    ...one,
  }));
  return { added: 0, modified: 0, removed: 0, replaced: 0, resources: complete, from: 'change-set' };
}
const property = (path: string) => ({ properties: [{ path, by: 'template' as const }] });

describe('a change set may be executed where it', () => {
  test.each([
    ['does what was planned', [change('Queue')], changes({})],
    ['does less', [change('Queue'), change('Other')], changes({})],
    ['does nothing any more', [change('Queue')], changes()],
    [
      'decides on a replacement that was possible',
      [change('Queue', { replacement: 'maybe' })],
      changes({ replacement: 'always' }),
    ],
    ['needs no replacement after all', [change('Queue', { replacement: 'always' })], changes({})],
    ['decides on an action that was open', [change('Queue', { action: 'Dynamic' })], changes({ action: 'Add' })],
    [
      'names another part of a property that was planned',
      [change('Queue', { properties: ['Tags.0.Value'] })],
      changes(property('Tags.1.Value')),
    ],
  ])('%s', (_, planned, found) => {
    expect(beyondPlan(plannedStack('Data', { changes: planned }), found)).toBeUndefined();
  });

  test.each(['create', 'recreate'] as const)('makes a new stack (%s) of what the plan lists, or of less', (outcome) => {
    const planned = [change('Queue', { action: 'Add' }), change('Other', { action: 'Add' })];
    expect(beyondPlan(plannedStack('Data', { outcome, changes: planned }), changes({ action: 'Add' }))).toBeUndefined();
  });

  test('makes a new stack of what a transform adds to the list', () => {
    const planned = plannedStack('Data', { outcome: 'create', transformed: true });
    expect(beyondPlan(planned, changes({ action: 'Add' }))).toBeUndefined();
  });
});

describe('a change set is refused where it would', () => {
  const QUEUE = 'Data/Queue/Resource (AWS::SQS::Queue)';
  test.each([
    [
      'change another resource',
      [change('Other')],
      changes({}),
      `it would change ${QUEUE}, which the plan does not change`,
    ],
    [
      'remove what was to be changed',
      [change('Queue')],
      changes({ action: 'Remove' }),
      `it would remove ${QUEUE}, which the plan would change`,
    ],
    [
      'remove what nobody could tell of',
      [change('Queue', { action: 'Dynamic' })],
      changes({ action: 'Remove' }),
      `it would remove ${QUEUE}, which the plan would change`,
    ],
    [
      'replace what was to stay',
      [change('Queue')],
      changes({ replacement: 'maybe' }),
      `it would replace ${QUEUE}, which the plan keeps`,
    ],
    [
      'change another property',
      [change('Queue', { properties: ['Tags'] })],
      changes(property('DelaySeconds')),
      `it would change DelaySeconds of ${QUEUE}, which the plan leaves as it is`,
    ],
    [
      'make a resource of another type',
      [change('Queue', { resourceType: 'AWS::SNS::Topic' })],
      changes({}),
      `it would change ${QUEUE}, which the plan would change`,
    ],
  ])('%s', (_, planned, found, sentence) => {
    expect(beyondPlan(plannedStack('Data', { changes: planned }), found)).toBe(sentence);
  });

  test.each([
    [[], `it would add ${QUEUE}, which is not in the plan`],
    [
      [change('Queue', { action: 'Add', resourceType: 'AWS::SNS::Topic' })],
      `it would add ${QUEUE}, and in the plan that is AWS::SNS::Topic`,
    ],
  ])('make a new stack of more than the plan lists: %#', (listed, sentence) => {
    for (const outcome of ['create', 'recreate'] as const) {
      const planned = plannedStack('Data', { outcome, changes: listed });
      expect(beyondPlan(planned, changes({ action: 'Add' }))).toBe(sentence);
    }
  });

  test('change anything of a stack that was to be created', () => {
    const planned = plannedStack('Data', { outcome: 'create', changes: [change('Queue', { action: 'Add' })] });
    expect(beyondPlan(planned, changes({ action: 'Remove' }))).toBe(
      `it would remove ${QUEUE}, and the plan creates the stack`,
    );
  });

  test.each([
    [changes({}), `it is unchanged in the plan, and would now be changed: ${QUEUE}`],
    [changes({}, { logicalId: 'Other' }), `it is unchanged in the plan, and would now be changed: ${QUEUE} and 1 more`],
    [changes(), 'it is unchanged in the plan, and would now be changed: its outputs, tags or parameters'],
  ])('change a stack that was to stay: %#', (found, sentence) => {
    expect(beyondPlan(plannedStack('Data', { outcome: 'unchanged' }), found)).toBe(sentence);
  });
});
