import type { Change, ResourceChangeDetail } from '@aws-sdk/client-cloudformation';
import { summarizeChanges } from './changes.ts';

const modified = (...Details: ResourceChangeDetail[]): Change => ({
  ResourceChange: {
    Action: 'Modify',
    LogicalResourceId: 'Function',
    ResourceType: 'AWS::Lambda::Function',
    Replacement: 'Conditional',
    Details,
  },
});

test('tells which properties change, and holds none of their values', () => {
  const changes = summarizeChanges(
    [
      modified(
        {
          Target: {
            Attribute: 'Properties',
            Name: 'Environment',
            Path: '/Properties/Environment/Variables/API~1TOKEN',
            BeforeValue: 'old-secret',
            AfterValue: 'new-secret',
          },
          ChangeSource: 'DirectModification',
        },
        { Target: { Attribute: 'Tags' } },
      ),
    ],
    new Map([['Function', { constructPath: 'Shop/Function' }]]),
  );

  expect(changes).toEqual({
    added: 0,
    modified: 1,
    removed: 0,
    replaced: 1,
    from: 'change-set',
    resources: [
      {
        action: 'Modify',
        logicalId: 'Function',
        resourceType: 'AWS::Lambda::Function',
        replacement: 'maybe',
        constructPath: 'Shop/Function',
        properties: [
          { path: 'Environment.Variables.API/TOKEN', by: 'template' },
          { path: 'Tags', by: 'template' },
        ],
      },
    ],
  });
  expect(JSON.stringify(changes)).not.toMatch(/secret/);
});

test('names a property once, in one order, by its strongest reason', () => {
  const detail = (Name: string, ChangeSource: ResourceChangeDetail['ChangeSource']): ResourceChangeDetail => ({
    Target: { Attribute: 'Properties', Name },
    ChangeSource,
  });

  const { resources } = summarizeChanges(
    [
      modified(
        detail('Role', 'ResourceAttribute'),
        detail('Code', 'ResourceReference'),
        detail('Code', 'ParameterReference'),
      ),
    ],
    new Map(),
  );

  expect(resources[0]?.properties).toEqual([
    { path: 'Code', by: 'parameter' },
    { path: 'Role', by: 'reference' },
  ]);
});

test('tells what becomes of a resource that is removed, and counts what is imported as added', () => {
  const changes = summarizeChanges(
    [
      { ResourceChange: { Action: 'Remove', LogicalResourceId: 'Table', PolicyAction: 'Retain' } },
      { ResourceChange: { Action: 'Import', LogicalResourceId: 'Bucket' } },
      {},
    ],
    new Map(),
  );

  expect(changes).toMatchObject({ added: 1, removed: 1, replaced: 0 });
  expect(changes.resources.map(({ policyAction }) => policyAction)).toEqual(['Retain', undefined]);
});
