import type { BucketLocationConstraint } from '@aws-sdk/client-s3';
import { targetName } from '@nx-cdk/environments';
import { type Document, isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { Failure } from '../failure/index.ts';
import type { AdminAccess } from './admin-access.ts';
import { textOf } from './image-digests.ts';
import type { FoundParts, Part } from './parts.ts';
import type { BootstrapTarget } from './request.ts';
import type { ToolkitStack } from './toolkit-stack.ts';

/** What a part without any settings still has: its name, and what must not be missing for a moment. */
const BARE: Readonly<Partial<Record<Part['kind'], { readonly name: string; readonly kept: readonly string[] }>>> = {
  bucket: { name: 'BucketName', kept: ['AccessControl', 'PublicAccessBlockConfiguration'] },
  repository: { name: 'RepositoryName', kept: ['ImageTagMutability'] },
};

/** What will be done about parts, one line each, for people. */
export function repairsOf({ lost, leftOver }: FoundParts): string[] {
  return [
    ...lost.map(({ kind, name }) => `the ${kind} ${kind === 'bucket policy' ? `of ${name}` : name} is gone`),
    ...leftOver.map(({ kind, name }) => `the ${kind} ${name} is there already and becomes part of it`),
  ];
}

/**
 * A role cannot be made anew behind the back of its stack: CloudFormation would stop at the policies that it lacks.
 *
 * @throws Failure `Bootstrap` naming the way that is left
 */
export function refuseLostRoles(target: BootstrapTarget, { name: stack }: ToolkitStack, { lost }: FoundParts): void {
  const roles = lost.filter(({ kind }) => kind === 'role');
  if (roles.length === 0) return;
  const names = roles.map(({ name }) => name).join(', ');
  throw new Failure('Bootstrap', {
    what: `the stack ${stack} of ${targetName(target)} has lost ${names}, and an update does not bring it back`,
    next: `delete that stack (aws cloudformation delete-stack --stack-name ${stack} --region ${target.region}), then bootstrap again: bucket and images stay, and become part of the new stack`,
  });
}

/**
 * Makes what is lost anew, without any settings: those are CloudFormation's.
 *
 * @param version of the bootstrap, the value of its parameter
 */
export async function makeAnew(lost: readonly Part[], version: number, { aws, session }: AdminAccess): Promise<void> {
  for (const { kind, name } of lost) {
    if (kind === 'bucket') {
      const { CreateBucketCommand } = await import('@aws-sdk/client-s3');
      // S3 wants no location for its oldest region.
      const place = { LocationConstraint: session.region as BucketLocationConstraint };
      const CreateBucketConfiguration = session.region === 'us-east-1' ? undefined : place;
      await (await aws.s3(session)).send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration }));
    } else if (kind === 'repository') {
      const { CreateRepositoryCommand } = await import('@aws-sdk/client-ecr');
      await (await aws.ecr(session)).send(new CreateRepositoryCommand({ repositoryName: name }));
    } else if (kind === 'parameter') {
      const { PutParameterCommand } = await import('@aws-sdk/client-ssm');
      await (await aws.ssm(session)).send(new PutParameterCommand({ Name: name, Type: 'String', Value: `${version}` }));
    }
  }
}

/** What CloudFormation writes anew although its templates say the same as before. */
export interface Renewal extends Pick<FoundParts, 'lost' | 'leftOver'> {
  /** Roles that get the trust policy of the template again, by their logical ids. */
  readonly trust: readonly string[];
}

/**
 * The templates that bring a bootstrap to what it should be, one after the other. An update does nothing about what is
 * the same in both templates, whatever the resource is like by now, and an import takes a resource as it is. So if
 * parts were made anew, are left over or were changed by hand, the first template has them otherwise: without settings,
 * or with one more statement. The second one then sets all of it.
 *
 * What is imported has a literal name in the first: CloudFormation finds it only by a name that is no function
 * (`ImportExistingResources` of
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html). It has version 1, so that
 * a bootstrap which is interrupted in between is continued by the next one.
 */
export function templatesToDeploy(text: string, { lost, leftOver, trust }: Renewal): string[] {
  const parts = [...lost, ...leftOver].filter(({ kind }) => kind !== 'parameter');
  if (parts.length + trust.length === 0) return [text];
  const document = parseDocument(text, { logLevel: 'silent' });
  for (const part of parts) makeBare(document, part, leftOver.includes(part));
  for (const role of trust) {
    const statements = document.getIn(['Resources', role, 'Properties', 'AssumeRolePolicyDocument', 'Statement']);
    if (isSeq(statements)) statements.add(document.createNode(ONE_MORE_STATEMENT));
  }
  document.setIn(['Outputs', 'BootstrapVersion', 'Value'], '1');
  return [textOf(document, text), text];
}

/** Denies what nobody does. */
const ONE_MORE_STATEMENT = {
  Effect: 'Deny',
  Principal: { AWS: { Ref: 'AWS::AccountId' } },
  Action: 'sts:AssumeRole',
  Condition: { StringEquals: { 'sts:ExternalId': 'to-be-renewed' } },
};

function makeBare(document: Document, { kind, logicalId, name }: Part, isImported: boolean): void {
  const bare = BARE[kind];
  const resources = document.get('Resources');
  const resource = document.getIn(['Resources', logicalId]);
  if (!isMap(resources) || !isMap(resource)) return;
  // A bucket policy is a resource of its own, and lost with the bucket.
  if (bare === undefined) resources.delete(logicalId);
  else {
    const properties = resource.get('Properties');
    if (isMap(properties)) {
      const keys = properties.items.map(({ key }) => String(key));
      const kept = [bare.name, ...bare.kept];
      for (const key of keys.filter((one) => !kept.includes(one))) properties.delete(key);
    }
    if (isImported) {
      document.setIn(['Resources', logicalId, 'Properties', bare.name], name);
      resource.set('DeletionPolicy', 'Retain');
    }
    dropPoliciesOf(resources, logicalId);
  }
}

function dropPoliciesOf(resources: YAMLMap, bucket: string): void {
  const policies = resources.items.filter(({ value }) => {
    if (!isMap(value) || value.get('Type') !== 'AWS::S3::BucketPolicy') return false;
    return JSON.stringify(value.getIn(['Properties', 'Bucket'])).includes(`"${bucket}"`);
  });
  for (const { key } of policies) resources.delete(key);
}

/** Every few seconds: the waiters of the SDK wait half a minute by default. */
const WAIT = { minDelay: 1, maxDelay: 5, maxWaitTime: 1800 };

/**
 * Deletes what is left of a stack whose creation or deletion failed, so that it can be created. What CloudFormation
 * cannot delete, such as a repository with images, is left over and becomes part of the new stack.
 *
 * @throws Failure `Bootstrap` with CloudFormation's reason
 */
export async function deleteRemains(target: BootstrapTarget, StackName: string, access: AdminAccess): Promise<void> {
  const { cloudFormation: client } = access;
  const { DeleteStackCommand, DescribeStackResourcesCommand, waitUntilStackDeleteComplete } =
    await import('@aws-sdk/client-cloudformation');
  for (let retained: string[] | undefined; ;) {
    await client.send(new DeleteStackCommand({ StackName, RetainResources: retained }));
    try {
      await waitUntilStackDeleteComplete({ client, ...WAIT }, { StackName });
      return;
    } catch (cause) {
      const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName }));
      const stuck = StackResources.filter(({ ResourceStatus }) => ResourceStatus === 'DELETE_FAILED');
      if (retained === undefined && stuck.length > 0) {
        retained = stuck.map(({ LogicalResourceId }) => LogicalResourceId!);
        continue;
      }
      const why = stuck[0]?.ResourceStatusReason ?? (cause instanceof Error ? cause.message : String(cause));
      const what = `the stack ${StackName} of ${targetName(target)} has failed and cannot be deleted: ${why}`;
      throw new Failure('Bootstrap', { what, next: 'delete it in the console, then bootstrap again' }, { cause });
    }
  }
}

/** Ends an update that got stuck half-way, so that the stack can be updated. @throws Failure `Bootstrap` */
export async function rollBack(target: BootstrapTarget, StackName: string, status: string, access: AdminAccess) {
  const { cloudFormation: client } = access;
  const sdk = await import('@aws-sdk/client-cloudformation');
  try {
    if (status === 'UPDATE_FAILED') await client.send(new sdk.RollbackStackCommand({ StackName }));
    else await client.send(new sdk.ContinueUpdateRollbackCommand({ StackName }));
    await sdk.waitUntilStackRollbackComplete({ client, ...WAIT }, { StackName });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = `the stack ${StackName} of ${targetName(target)} is in ${status}, and rolling it back failed: ${why}`;
    const next = 'continue its rollback in the console, where resources can be skipped, then bootstrap again';
    throw new Failure('Bootstrap', { what, next }, { cause });
  }
}
