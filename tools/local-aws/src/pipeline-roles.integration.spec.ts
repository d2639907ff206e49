import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as cloudFormation from '@aws-sdk/client-cloudformation';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as iam from '@aws-sdk/client-iam';
import * as kms from '@aws-sdk/client-kms';
import * as s3 from '@aws-sdk/client-s3';
import * as secrets from '@aws-sdk/client-secrets-manager';
import * as ssm from '@aws-sdk/client-ssm';
import { startInstance, type LocalAws } from './index.ts';
import { clientsOf, deploy, region, settled } from './testing/clients.ts';
import * as delivery from './testing/delivery-template.ts';

const { account, artifactBucket, cacheBucket, logGroup, parameter } = delivery;
const codeBuild = 'codebuild.amazonaws.com';

describe('what the steps of a pipeline work with', () => {
  let folder: string;
  let aws: LocalAws;
  let clients: ReturnType<typeof clientsOf>;
  let stacks: cloudFormation.CloudFormationClient;
  let root: ReturnType<typeof clients.config>;
  let outputs: Record<string, string>;
  let roles = 0;

  // The first run on a machine installs Python packages.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
    aws = await startInstance({ directory: folder, managementAccount: account, region });
    clients = clientsOf(aws);
    root = clients.config(aws.credentialsFor(account));
    stacks = clients.cloudFormation(aws.credentialsFor(account));
    const { stack } = await deploy(stacks, 'delivery', delivery.deliveryTemplate(1));
    expect(stack.StackStatus).toBe('CREATE_COMPLETE');
    outputs = Object.fromEntries(stack.Outputs!.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue!]));
  });

  afterAll(async () => {
    await aws?.stop();
    clients?.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  const sessionOf = async (roleArn: string) =>
    clients.config((await clients.serviceSession({ roleArn, service: codeBuild })).credentials);

  /** A session of a new role that is allowed these actions, each on its resource. */
  async function allowed(permissions: Record<string, string>) {
    const client = new iam.IAMClient(root);
    const document = (Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
    const RoleName = `step-${(roles += 1)}`;
    const made = await client.send(
      new iam.CreateRoleCommand({
        RoleName,
        AssumeRolePolicyDocument: document([
          { Effect: 'Allow', Principal: { Service: codeBuild }, Action: 'sts:AssumeRole' },
        ]),
      }),
    );
    const statements = Object.entries(permissions).map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource }));
    if (statements.length)
      await client.send(
        new iam.PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: document(statements) }),
      );
    return sessionOf(made.Role!.Arn!);
  }

  /** Removes every object of a bucket, and every version of it. */
  async function empty(Bucket: string) {
    const storage = new s3.S3Client(root);
    const { Versions, DeleteMarkers } = await storage.send(new s3.ListObjectVersionsCommand({ Bucket }));
    for (const { Key, VersionId } of [...(Versions ?? []), ...(DeleteMarkers ?? [])])
      await storage.send(new s3.DeleteObjectCommand({ Bucket, Key, VersionId }));
  }

  type Config = Awaited<ReturnType<typeof sessionOf>>;
  const object = (Bucket: string, Key = 'npm/one') => ({ Bucket, Key });
  const put = (config: Config, bucket: string, key?: string) =>
    new s3.S3Client(config).send(new s3.PutObjectCommand({ ...object(bucket, key), Body: 'x' }));
  const fetched = (config: Config, bucket: string, key?: string) =>
    new s3.S3Client(config).send(new s3.GetObjectCommand(object(bucket, key)));
  const stream = { logGroupName: logGroup, logStreamName: 'build' };
  const artifacts = `arn:aws:s3:::${artifactBucket}/*`;
  const streams = `arn:aws:logs:${region}:${account}:log-group:${logGroup}:*`;
  const record = `arn:aws:ssm:${region}:${account}:parameter${parameter}`;

  /** What a step does: the action, its resource, what else it needs, and the call. */
  const calls: [string, () => string, Record<string, () => string>, (config: Config) => Promise<unknown>][] = [
    ['s3:PutObject', () => artifacts, { 'kms:GenerateDataKey': () => outputs['Key']! }, (c) => put(c, artifactBucket)],
    ['kms:GenerateDataKey', () => outputs['Key']!, { 's3:PutObject': () => artifacts }, (c) => put(c, artifactBucket)],
    ['s3:GetObject', () => artifacts, { 'kms:Decrypt': () => outputs['Key']! }, (c) => fetched(c, artifactBucket)],
    ['kms:Decrypt', () => outputs['Key']!, { 's3:GetObject': () => artifacts }, (c) => fetched(c, artifactBucket)],
    [
      'logs:CreateLogStream',
      () => streams,
      {},
      (c) => new logs.CloudWatchLogsClient(c).send(new logs.CreateLogStreamCommand(stream)),
    ],
    [
      'logs:PutLogEvents',
      () => streams,
      {},
      (c) =>
        new logs.CloudWatchLogsClient(c).send(
          new logs.PutLogEventsCommand({ ...stream, logEvents: [{ message: 'x', timestamp: Date.now() }] }),
        ),
    ],
    [
      'logs:DescribeLogStreams',
      () => streams,
      {},
      (c) => new logs.CloudWatchLogsClient(c).send(new logs.DescribeLogStreamsCommand({ logGroupName: logGroup })),
    ],
    [
      'ssm:GetParameter',
      () => record,
      {},
      async (c) => {
        for (const Name of [parameter, `${parameter}:1`, record])
          await new ssm.SSMClient(c).send(new ssm.GetParameterCommand({ Name }));
      },
    ],
    [
      'ssm:GetParameters',
      () => record,
      {},
      (c) => new ssm.SSMClient(c).send(new ssm.GetParametersCommand({ Names: [parameter] })),
    ],
    [
      'ssm:PutParameter',
      () => record,
      {},
      (c) => new ssm.SSMClient(c).send(new ssm.PutParameterCommand({ Name: parameter, Value: 'new', Overwrite: true })),
    ],
    [
      'secretsmanager:GetSecretValue',
      () => outputs['Secret']!,
      {},
      (c) => new secrets.SecretsManagerClient(c).send(new secrets.GetSecretValueCommand({ SecretId: 'ship/token' })),
    ],
    [
      'kms:DescribeKey',
      () => outputs['Key']!,
      {},
      (c) => new kms.KMSClient(c).send(new kms.DescribeKeyCommand({ KeyId: 'alias/ship' })),
    ],
  ];

  test.each(calls)(
    '%s works with the permission, and is refused by name without',
    async (action, on, besides, call) => {
      const others = Object.fromEntries(Object.entries(besides).map(([name, resource]) => [name, resource()]));

      await expect(call(await allowed({ ...others, [action]: on() }))).resolves.not.toThrow();
      for (const config of [await allowed(others), await allowed({ ...others, [action]: `${on().slice(0, -4)}else` })])
        await expect(call(config)).rejects.toMatchObject({
          name: expect.stringMatching(/^AccessDenied/),
          message: expect.stringMatching(`is not authorized to perform: ${action} on resource: `),
        });
    },
  );

  test('of several parameters, each must be allowed', async () => {
    const both = { Names: [parameter, '/ship/other'] };
    const client = new ssm.SSMClient(await allowed({ 'ssm:GetParameters': record }));

    await expect(client.send(new ssm.GetParametersCommand(both))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('parameter/ship/other'),
    });
  });

  test('one role fills the cache, however much another is allowed: the bucket knows a session by its role', async () => {
    const publish = await sessionOf(`arn:aws:iam::${account}:role/ship-publish`);

    await put(await sessionOf(outputs['Synth']!), cacheBucket);
    await expect(put(publish, cacheBucket)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('s3:PutObject'),
    });
    // By its managed policy, it may read what is there.
    await expect(fetched(publish, cacheBucket)).resolves.toHaveProperty('ETag');
  });

  test('a large object, a copy and a checksum need the key as well', async () => {
    const source = `${artifactBucket}/npm/one`;
    const key = outputs['Key']!;
    const may = { 's3:*': artifacts };
    await put(root, artifactBucket);
    const writer = new s3.S3Client(await allowed({ ...may, 'kms:GenerateDataKey': key }));
    const reader = new s3.S3Client(await allowed({ ...may, 'kms:Decrypt': key }));
    const refused = { name: 'AccessDenied', message: expect.stringMatching(/kms:(Decrypt|GenerateDataKey)/) };
    const copy = new s3.CopyObjectCommand({ ...object(artifactBucket, 'copy'), CopySource: source });

    const { UploadId } = await writer.send(new s3.CreateMultipartUploadCommand(object(artifactBucket, 'large')));
    await expect(
      writer.send(new s3.UploadPartCommand({ ...object(artifactBucket, 'large'), UploadId, PartNumber: 1, Body: 'x' })),
    ).rejects.toMatchObject(refused);
    await expect(
      reader.send(new s3.CreateMultipartUploadCommand(object(artifactBucket, 'large'))),
    ).rejects.toMatchObject(refused);
    for (const client of [reader, writer]) await expect(client.send(copy)).rejects.toMatchObject(refused);
    await expect(writer.send(new s3.HeadObjectCommand(object(artifactBucket)))).resolves.toMatchObject({
      SSEKMSKeyId: key,
    });
    await expect(
      writer.send(new s3.HeadObjectCommand({ ...object(artifactBucket), ChecksumMode: 'ENABLED' })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });

  test('the key that AWS manages serves everybody, and a key that does not exist nobody', async () => {
    const client = new s3.S3Client(await allowed({ 's3:PutObject': artifacts }));
    const encrypted = (SSEKMSKeyId?: string) =>
      client.send(
        new s3.PutObjectCommand({
          ...object(artifactBucket),
          Body: 'x',
          ServerSideEncryption: 'aws:kms',
          SSEKMSKeyId,
        }),
      );

    await expect(encrypted()).resolves.toMatchObject({ SSEKMSKeyId: expect.stringContaining('alias/aws/s3') });
    await expect(encrypted(outputs['Key']!.replace(/.{4}$/, 'none'))).rejects.toMatchObject({
      name: 'KMS.NotFoundException',
    });
  });

  test('a key that is missing is told to those who may list the bucket only', async () => {
    const reading = { 's3:GetObject': artifacts };
    const listing = { ...reading, 's3:ListBucket': `arn:aws:s3:::${artifactBucket}` };

    await expect(fetched(await allowed(listing), artifactBucket, 'none')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(fetched(await allowed(reading), artifactBucket, 'none')).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('s3:ListBucket'),
    });
  });

  test('a stack makes all of it as its template says, changes it, and takes it along', async () => {
    const storage = new s3.S3Client(root);
    const settings = async () => ({
      days: (await storage.send(new s3.GetBucketLifecycleConfigurationCommand({ Bucket: artifactBucket }))).Rules![0]!
        .Expiration!.Days,
      retention: (
        await new logs.CloudWatchLogsClient(root).send(
          new logs.DescribeLogGroupsCommand({ logGroupNamePrefix: logGroup }),
        )
      ).logGroups!.map(({ retentionInDays }) => retentionInDays),
      rotated: (await new kms.KMSClient(root).send(new kms.GetKeyRotationStatusCommand({ KeyId: 'alias/ship' })))
        .KeyRotationEnabled,
      logged: (await storage.send(new s3.GetBucketLoggingCommand({ Bucket: artifactBucket }))).LoggingEnabled
        ?.TargetBucket,
      encrypted: (await storage.send(new s3.GetBucketEncryptionCommand({ Bucket: artifactBucket })))
        .ServerSideEncryptionConfiguration!.Rules![0],
    });
    const common = {
      rotated: true,
      logged: 'ship-access-logs',
      encrypted: {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: outputs['Key'] },
        BucketKeyEnabled: true,
      },
    };

    expect(await settings()).toMatchObject({ ...common, days: 30, retention: [30] });
    const { stack } = await deploy(stacks, 'delivery', delivery.deliveryTemplate(2), 'UPDATE');
    expect(stack.StackStatus).toBe('UPDATE_COMPLETE');
    expect(await settings()).toMatchObject({ ...common, days: 31, retention: [90] });

    const remove = async () => {
      await stacks.send(new cloudFormation.DeleteStackCommand({ StackName: 'delivery' }));
      return (await settled(stacks, stack.StackId!)).StackStatus;
    };
    // What was put into the buckets is in the way first.
    await put(root, artifactBucket);
    expect(await remove()).toBe('DELETE_FAILED');
    for (const bucket of [artifactBucket, cacheBucket]) await empty(bucket);
    expect(await remove()).toBe('DELETE_COMPLETE');
    await expect(storage.send(new s3.HeadBucketCommand({ Bucket: artifactBucket }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 404 },
    });
    await expect(
      new secrets.SecretsManagerClient(root).send(new secrets.DescribeSecretCommand({ SecretId: 'ship/token' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await clients.serviceSession({ roleArn: outputs['Synth'], service: codeBuild })).toMatchObject({
      status: 403,
    });
  });
});
