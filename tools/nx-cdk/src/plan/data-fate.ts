import type { ResourceChange } from '../cloudformation/index.ts';
import type { PlannedChange } from './model.ts';
import type { Template } from './template.ts';

/**
 * Types of resources that keep what cannot be made again, by service. The specification of resource types says it of
 * most (`isStateful` in https://github.com/cdklabs/awscdk-service-spec); the others hold queues, streams, keys, users
 * and indices as well.
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

/**
 * Unless the template says otherwise, CloudFormation keeps a snapshot of these when it deletes them; of an instance
 * only if it is in no cluster.
 */
const SNAPSHOT_BY_DEFAULT = new Set(['AWS::RDS::DBCluster', 'AWS::RDS::DBInstance']);

/**
 * What becomes of the data of a resource that a change removes or replaces; undefined if it keeps none, or stays.
 *
 * A removed resource follows the deletion policy of the template that is deployed, a replaced one the replacement
 * policy of the new one
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html).
 * If the change set says which, that counts.
 */
export function dataFate(
  change: ResourceChange,
  before: Template | undefined,
  after: Template | undefined,
): PlannedChange['data'] {
  const removed = change.action === 'Remove';
  if ((!removed && change.replacement === undefined) || !STATEFUL.has(change.resourceType)) return undefined;
  const resource = (removed ? before : after)?.Resources?.[change.logicalId];
  const isInNoCluster = resource?.Properties?.['DBClusterIdentifier'] === undefined;
  const policy =
    change.policyAction?.replace(/^ReplaceAnd/, '') ??
    (removed ? resource?.DeletionPolicy : resource?.UpdateReplacePolicy) ??
    (removed && isInNoCluster && SNAPSHOT_BY_DEFAULT.has(change.resourceType) ? 'Snapshot' : 'Delete');
  if (policy === 'Retain' || policy === 'RetainExceptOnCreate') return 'kept';
  return policy === 'Snapshot' ? 'snapshot' : 'lost';
}
