import { type Environments, garbageRoleArn, partitionOf } from '@nx-cdk/environments';
import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { CommandRole, type CommandRoleProps, CommandRoleStack } from './command-role.ts';

/**
 * The role that `nx gc` works with: it lists and deletes what is in the staging buckets and image repositories of one
 * bootstrap, and reads the templates of all stacks. It reads no object but the records of releases, and writes none but
 * its own notes.
 */
export class GarbageRole extends CommandRole {
  constructor(scope: Construct, id: string, props: CommandRoleProps) {
    const { target, environments } = props;
    super(scope, id, props, {
      arn: garbageRoleArn(environments, target),
      description: 'Deletes published files and images that no stack and no kept release needs (nx gc)',
      maxSessionDuration: Duration.hours(1),
      statements: statementsFor(target.account, environments),
      wildcards:
        'What there is to delete is not known before: it is limited to the buckets and repositories of one bootstrap.',
    });
  }
}

/**
 * What garbage collection takes. Objects are deleted without the permission to delete versions: in a bucket that keeps
 * them, as that of the bootstrap does, nothing is gone for good.
 */
function statementsFor(account: string, environments: Environments): PolicyStatement[] {
  const regions = regionsOf(account, environments);
  const partition = partitionOf(regions[0]!);
  const name = (kind: string, region: string) => `cdk-${environments.qualifier}-${kind}-${account}-${region}`;
  const buckets = regions.map((region) => `arn:${partition}:s3:::${name('assets', region)}`);
  const below = (...paths: string[]) => buckets.flatMap((bucket) => paths.map((path) => `${bucket}/${path}`));
  const repositories = regions.map(
    (region) => `arn:${partition}:ecr:${region}:${account}:repository/${name('container-assets', region)}`,
  );
  const own = { StringEquals: { 'aws:ResourceAccount': account } };
  return [
    new PolicyStatement({
      sid: 'ReadStacks',
      // Of all stacks: what one of them needs, of whatever app, stays.
      actions: [
        'cloudformation:DescribeChangeSet',
        'cloudformation:DescribeStacks',
        'cloudformation:GetTemplate',
        'cloudformation:ListChangeSets',
        'cloudformation:ListStacks',
      ],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:RequestedRegion': regions } },
    }),
    new PolicyStatement({
      sid: 'ListFiles',
      actions: ['s3:GetBucketLocation', 's3:GetEncryptionConfiguration', 's3:ListBucket'],
      resources: buckets,
      conditions: own,
    }),
    new PolicyStatement({
      sid: 'ReadRecords',
      actions: ['s3:GetObject'],
      resources: below('garbage/*', 'publishing/*', 'releases/*'),
      conditions: own,
    }),
    new PolicyStatement({
      sid: 'WriteNotes',
      actions: ['s3:PutObject'],
      resources: below('garbage/*'),
      conditions: own,
    }),
    new PolicyStatement({ sid: 'DeleteFiles', actions: ['s3:DeleteObject'], resources: below('*'), conditions: own }),
    new PolicyStatement({
      sid: 'DeleteImages',
      actions: ['ecr:BatchDeleteImage', 'ecr:DescribeImages'],
      resources: repositories,
    }),
  ];
}

/** The regions in which an account has targets, in the order of the file. */
function regionsOf(account: string, { environments }: Environments): string[] {
  const targets = environments.flatMap((environment) => environment.targets);
  return [...new Set(targets.filter((one) => one.account === account).map(({ region }) => region))];
}

/** The stack with the {@link GarbageRole} of an account; deployed with the environment, whose stage it is made in. */
export class GarbageRoleStack extends CommandRoleStack {
  constructor(scope: Construct, props: CommandRoleProps) {
    super(scope, props, { id: 'GarbageRole', suffix: 'gc', command: 'nx gc' });
    new GarbageRole(this, 'GarbageRole', props);
  }
}
