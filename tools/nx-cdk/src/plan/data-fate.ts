import type { ResourceChange } from '../cloudformation/index.ts';
import type { PlannedChange } from './model.ts';
import type { Template } from './template.ts';

/**
 * Types of resources that hold data, by service: what the specification of resource types calls `isStateful`
 * (https://github.com/cdklabs/awscdk-service-spec), and queues, streams, keys, users and indices.
 */
const STATEFUL = new Set(
  Object.entries({
    Backup: ['BackupVault'],
    Bedrock: ['KnowledgeBase'],
    CloudFormation: ['Stack'],
    Cognito: ['IdentityPool', 'UserPool'],
    DAX: ['Cluster'],
    DocDB: ['DBCluster', 'DBInstance'],
    DocDBElastic: ['Cluster'],
    DynamoDB: ['GlobalTable', 'Table'],
    EC2: ['Volume'],
    ECR: ['Repository'],
    EFS: ['FileSystem'],
    EMR: ['Cluster'],
    ElastiCache: ['CacheCluster', 'ReplicationGroup', 'ServerlessCache'],
    Elasticsearch: ['Domain'],
    FSx: ['FileSystem'],
    KMS: ['Key'],
    Kinesis: ['Stream'],
    Logs: ['LogGroup'],
    MSK: ['Cluster'],
    MemoryDB: ['Cluster'],
    Neptune: ['DBCluster', 'DBInstance'],
    OpenSearchServerless: ['Collection'],
    OpenSearchService: ['Domain'],
    Organizations: ['Account'],
    QLDB: ['Ledger'],
    RDS: ['DBCluster', 'DBInstance'],
    Redshift: ['Cluster'],
    RedshiftServerless: ['Namespace'],
    S3: ['Bucket'],
    S3Express: ['DirectoryBucket'],
    S3Tables: ['Table', 'TableBucket'],
    SDB: ['Domain'],
    SQS: ['Queue'],
    SSM: ['Parameter'],
    SecretsManager: ['Secret'],
    Timestream: ['Database', 'Table'],
  }).flatMap(([service, types]) => types.map((type) => `AWS::${service}::${type}`)),
);

/** Whether resources of a type hold data. */
export function isStateful(type: string): boolean {
  return STATEFUL.has(type);
}

/** CloudFormation keeps a snapshot of these by default when it deletes them; of an instance only if in no cluster. */
const SNAPSHOT_BY_DEFAULT = new Set(['AWS::RDS::DBCluster', 'AWS::RDS::DBInstance']);

/**
 * What a change does to the data of a resource; undefined if it holds none, or stays. What the change set says counts.
 * Else a removed resource follows the `DeletionPolicy` of the deployed template, a replaced one the
 * `UpdateReplacePolicy` of the new one
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html).
 */
export function dataFate(
  change: ResourceChange,
  before: Template | undefined,
  after: Template | undefined,
): PlannedChange['data'] {
  const removed = change.action === 'Remove';
  if ((!removed && change.replacement === undefined) || !isStateful(change.resourceType)) return undefined;
  const resource = (removed ? before : after)?.Resources?.[change.logicalId];
  const isInNoCluster = resource?.Properties?.['DBClusterIdentifier'] === undefined;
  const policy =
    change.policyAction?.replace(/^ReplaceAnd/, '') ??
    (removed ? resource?.DeletionPolicy : resource?.UpdateReplacePolicy) ??
    (removed && isInNoCluster && SNAPSHOT_BY_DEFAULT.has(change.resourceType) ? 'Snapshot' : 'Delete');
  if (policy === 'Retain' || policy === 'RetainExceptOnCreate') return 'kept';
  return policy === 'Snapshot' ? 'snapshot' : 'lost';
}
