import type { ResourceChange } from '../cloudformation/index.ts';
import { dataFate } from './data-fate.ts';
import type { Template, TemplateResource } from './template.ts';

const template = (resource: TemplateResource = {}): Template => ({ Resources: { R: resource } });
const removed = (resourceType: string, policyAction?: string): ResourceChange => ({
  action: 'Remove',
  logicalId: 'R',
  resourceType,
  ...(policyAction && { policyAction }),
});
const replaced = (resourceType: string, replacement: 'maybe' | 'always' = 'always'): ResourceChange => ({
  action: 'Modify',
  logicalId: 'R',
  resourceType,
  replacement,
});

describe('the data of a resource that is removed', () => {
  test.each([
    ['is lost where nothing else is said', 'AWS::DynamoDB::Table', {}, 'lost'],
    ['is kept by the policy that is deployed', 'AWS::S3::Bucket', { DeletionPolicy: 'Retain' }, 'kept'],
    ['is kept as a snapshot', 'AWS::EC2::Volume', { DeletionPolicy: 'Snapshot' }, 'snapshot'],
    ['of a database cluster is kept as a snapshot by itself', 'AWS::RDS::DBCluster', {}, 'snapshot'],
    [
      'of an instance in a cluster is not',
      'AWS::RDS::DBInstance',
      { Properties: { DBClusterIdentifier: 'c' } },
      'lost',
    ],
    ['is no matter where there is none', 'AWS::Lambda::Function', {}, undefined],
  ])('%s', (_, type, resource, fate) => {
    expect(dataFate(removed(type), template(resource), undefined)).toBe(fate);
  });

  test('is what CloudFormation says, whatever the template does', () => {
    expect(dataFate(removed('AWS::S3::Bucket', 'Retain'), template(), undefined)).toBe('kept');
    expect(dataFate(removed('AWS::S3::Bucket', 'Delete'), template({ DeletionPolicy: 'Retain' }), undefined)).toBe(
      'lost',
    );
  });
});

test('the data of a resource that is or may be replaced follows the policy for that, of the new template', () => {
  const kept = template({ UpdateReplacePolicy: 'Retain' });
  expect(dataFate(replaced('AWS::SQS::Queue'), kept, template())).toBe('lost');
  expect(dataFate(replaced('AWS::SQS::Queue', 'maybe'), template({ DeletionPolicy: 'Retain' }), template())).toBe(
    'lost',
  );
  expect(dataFate(replaced('AWS::SQS::Queue'), template(), kept)).toBe('kept');
  expect(dataFate({ ...replaced('AWS::SQS::Queue'), replacement: undefined }, template(), template())).toBeUndefined();
});
