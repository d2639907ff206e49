import type { StackResource } from '@aws-sdk/client-cloudformation';
import { isAccessDenied } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import type { AdminAccess } from './admin-access.ts';
import type { BootstrapTarget } from './request.ts';
import type { ToolkitStack } from './toolkit-stack.ts';

/** Something that a bootstrap stack makes, and that its stack does not miss if somebody deletes it by hand. */
export interface Part {
  readonly kind: keyof typeof LOOKS;
  readonly logicalId: string;
  readonly name: string;
}

/** A role of a bootstrap stack, and whom it trusts. */
export interface FoundRole {
  readonly logicalId: string;
  readonly name: string;
  /** Its trust policy, as JSON. */
  readonly trust: string;
}

/** What there is of a bootstrap beside its stack. */
export interface FoundParts {
  /** Parts of the stack that are gone. */
  readonly lost: readonly Part[];
  /** Parts of an earlier stack that are there although the stack is not: creating it would stop at them. */
  readonly leftOver: readonly Part[];
  readonly roles: readonly FoundRole[];
}

/** What there is of one part; undefined if it is gone. */
type Look = { readonly trust?: string } | undefined;

const LOOKS = {
  bucket: lookAtBucket,
  'bucket policy': lookAtBucketPolicy,
  repository: lookAtRepository,
  role: lookAtRole,
  parameter: lookAtParameter,
};

const KINDS: Readonly<Record<string, Part['kind']>> = {
  'AWS::S3::Bucket': 'bucket',
  'AWS::S3::BucketPolicy': 'bucket policy',
  'AWS::ECR::Repository': 'repository',
  'AWS::IAM::Role': 'role',
  'AWS::SSM::Parameter': 'parameter',
};

/**
 * Looks at everything that a bootstrap stack has made, or at what an earlier one has left behind if there is none: its
 * template keeps the bucket (`DeletionPolicy: Retain`), after a failed creation too.
 *
 * @throws Failure `WrongBucketOwner`, `BucketInOtherRegion`
 */
export async function findParts(
  target: BootstrapTarget,
  stack: ToolkitStack,
  access: AdminAccess,
): Promise<FoundParts> {
  const isThere = stack.found !== undefined;
  const parts = isThere ? await partsOf(target, stack, access) : keptParts(target);
  const looks = await Promise.all(
    parts.map(async (part) => ({ part, look: await LOOKS[part.kind](part.name, access) })),
  );
  const there = looks.filter(({ look }) => look !== undefined).map(({ part }) => part);
  return {
    lost: isThere ? parts.filter((part) => !there.includes(part)) : [],
    leftOver: isThere ? [] : there,
    roles: looks.flatMap(({ part: { logicalId, name }, look }) =>
      look?.trust === undefined ? [] : [{ logicalId, name, trust: look.trust }],
    ),
  };
}

async function partsOf(
  { qualifier }: BootstrapTarget,
  { name: StackName, found }: ToolkitStack,
  { cloudFormation }: AdminAccess,
): Promise<Part[]> {
  // What somebody is making right now is not lost.
  if (found?.status.endsWith('_IN_PROGRESS')) return [];
  const { DescribeStackResourcesCommand } = await import('@aws-sdk/client-cloudformation');
  const { StackResources = [] } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName }));
  return StackResources.flatMap((resource: StackResource): Part[] => {
    const { ResourceType = '', LogicalResourceId: logicalId = '', PhysicalResourceId: name } = resource;
    const kind = KINDS[ResourceType];
    // Of other parameters nobody knows the value.
    if (kind === 'parameter' && name !== `/cdk-bootstrap/${qualifier}/version`) return [];
    const isMade = /^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(resource.ResourceStatus ?? '');
    return kind === undefined || name === undefined || !isMade ? [] : [{ kind, logicalId, name }];
  });
}

/** What a deleted stack may have left behind: the bucket always, the repository if it held images. */
function keptParts({ account, region, qualifier }: BootstrapTarget): Part[] {
  const place = `${account}-${region}`;
  return [
    { kind: 'bucket', logicalId: 'StagingBucket', name: `cdk-${qualifier}-assets-${place}` },
    {
      kind: 'repository',
      logicalId: 'ContainerAssetsRepository',
      name: `cdk-${qualifier}-container-assets-${place}`,
    },
  ];
}

async function lookAtBucket(Bucket: string, { aws, session }: AdminAccess): Promise<Look> {
  const { HeadBucketCommand } = await import('@aws-sdk/client-s3');
  const s3 = await aws.s3(session);
  return s3.send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner: session.account })).then(
    () => ({}),
    (error: unknown) => {
      const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
      if (status === 404) return undefined;
      if (status === 301) {
        const what = `The bucket ${Bucket} is in another region than ${session.region}`;
        throw new Failure('BucketInOtherRegion', { what, next: 'delete it, then bootstrap again' }, { cause: error });
      }
      if (!isAccessDenied(error)) throw error;
      const what = `The bucket ${Bucket} belongs to another account than ${session.account}, or its policy refuses even an administrator`;
      const next = 'find out who owns it; if it is somebody else, give your bootstrap another qualifier';
      throw new Failure('WrongBucketOwner', { what, next }, { cause: error });
    },
  );
}

async function lookAtBucketPolicy(Bucket: string, { aws, session }: AdminAccess): Promise<Look> {
  const { GetBucketPolicyCommand } = await import('@aws-sdk/client-s3');
  const s3 = await aws.s3(session);
  const ask = s3.send(new GetBucketPolicyCommand({ Bucket, ExpectedBucketOwner: session.account }));
  // What is wrong with a bucket is said by the look at the bucket.
  return ask.then(
    () => ({}),
    (error: Error) => (error.name === 'NoSuchBucketPolicy' ? undefined : {}),
  );
}

async function lookAtRepository(name: string, { aws, session }: AdminAccess): Promise<Look> {
  const { DescribeRepositoriesCommand } = await import('@aws-sdk/client-ecr');
  const ecr = await aws.ecr(session);
  return unless('RepositoryNotFoundException', async () => {
    await ecr.send(new DescribeRepositoriesCommand({ registryId: session.account, repositoryNames: [name] }));
    return {};
  });
}

async function lookAtRole(RoleName: string, { aws, session }: AdminAccess): Promise<Look> {
  const { GetRoleCommand } = await import('@aws-sdk/client-iam');
  const iam = await aws.iam(session);
  return unless('NoSuchEntityException', async () => {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    // IAM encodes policies as in a URL.
    return { trust: decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '{}') };
  });
}

async function lookAtParameter(Name: string, { aws, session }: AdminAccess): Promise<Look> {
  const { GetParameterCommand } = await import('@aws-sdk/client-ssm');
  const ssm = await aws.ssm(session);
  return unless('ParameterNotFound', async () => {
    await ssm.send(new GetParameterCommand({ Name }));
    return {};
  });
}

async function unless(absent: string, look: () => Promise<Look>): Promise<Look> {
  return look().catch((error: Error) => {
    if (error.name === absent) return undefined;
    throw error;
  });
}
