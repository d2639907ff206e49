import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { AwsClients } from '../aws/index.ts';
import { Buckets, type FileDestination } from '../destinations/index.ts';
import { ByteBudget } from './byte-budget.ts';
import type { Content } from './content.ts';
import { inspect, upload } from './object.ts';

/*
 * What S3 answers in situations that the local AWS does not have: its answers are those of the API reference
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html, .../API_PutObject.html).
 */

const target = { account: '111111111111', region: 'eu-west-1' };
const destination = {
  kind: 'file',
  place: 's3://assets/abc.json',
  target,
  targetName: '111111111111/eu-west-1',
  bucket: 'assets',
  key: 'abc.json',
  session: {
    ...target,
    role: { kind: 'file-publishing', region: target.region, arn: 'arn:aws:iam::111111111111:role/publishing' },
  },
} as FileDestination;

const content: Content = {
  size: 2,
  digest: 'not compared here',
  sha256: createHash('sha256').update('{}').digest('hex'),
  contentType: 'application/json',
  buffer: Buffer.from('{}'),
  stream: () => Readable.from(['{}']),
  [Symbol.asyncDispose]: async () => {},
};

describe('a role that may not list the bucket', () => {
  test('gets 403 for an object that is not there, and uploads it only if it is not', async () => {
    // given
    const { aws, sent } = answering({
      HeadObject: refused(),
      GetBucketEncryption: refused('AccessDenied'),
      PutObject: {},
    });

    // when
    const found = await inspect(aws, destination, content, new ByteBudget(100));
    await upload(aws, destination, content, { buckets: new Buckets(), found });

    // then
    expect(found).toMatchObject({ state: 'hidden' });
    expect(sent.at(-1)).toMatchObject({
      name: 'PutObject',
      input: { IfNoneMatch: '*', ExpectedBucketOwner: '111111111111', ContentLength: 2 },
    });
  });

  test('does not overwrite what it may not look at', async () => {
    // given
    const exists = error('PreconditionFailed', 412);
    const { aws } = answering({ HeadObject: refused(), GetBucketEncryption: {}, PutObject: exists });

    // when
    const found = await inspect(aws, destination, content, new ByteBudget(100));
    const uploading = upload(aws, destination, content, { buckets: new Buckets(), found });

    // then
    await expect(uploading).rejects.toMatchObject({
      code: 'ObjectUnverifiable',
      message: expect.stringMatching(/role\/publishing s3:GetObject/),
    });
  });
});

describe('a refused upload', () => {
  test('tells that the bucket belongs to somebody else', async () => {
    const { aws } = answering({
      GetBucketEncryption: refused('AccessDenied'),
      PutObject: refused('AccessDenied'),
      GetBucketLocation: (input) => (input.ExpectedBucketOwner ? refused('AccessDenied') : {}),
    });
    await expect(upload(aws, destination, content, { buckets: new Buckets() })).rejects.toMatchObject({
      code: 'WrongBucketOwner',
      message: expect.stringMatching(/assets does not belong to the account 111111111111/),
    });
  });

  test('tells what the role lacks where the bucket is ours', async () => {
    const { aws } = answering({ GetBucketEncryption: {}, PutObject: refused('AccessDenied'), GetBucketLocation: {} });
    await expect(upload(aws, destination, content, { buckets: new Buckets() })).rejects.toMatchObject({
      code: 'BucketRefused',
      message: expect.stringMatching(/lacks s3:PutObject or the use of the bucket's KMS key/),
    });
  });

  test('tells that the account is not bootstrapped where there is no bucket', async () => {
    const { aws } = answering({ GetBucketEncryption: refused('AccessDenied'), PutObject: error('NoSuchBucket', 404) });
    await expect(upload(aws, destination, content, { buckets: new Buckets() })).rejects.toMatchObject({
      code: 'NotBootstrapped',
    });
  });
});

describe('uploads to a bucket', () => {
  test('say how it is encrypted, which is read once', async () => {
    // given
    const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'key-1' } };
    const { aws, sent } = answering({
      GetBucketEncryption: { ServerSideEncryptionConfiguration: { Rules: [rule] } },
      PutObject: { VersionId: 'v1' },
    });
    const buckets = new Buckets();

    // when
    const versions = await Promise.all([1, 2].map(() => upload(aws, destination, content, { buckets })));

    // then
    expect(versions).toEqual(['v1', 'v1']);
    expect(sent.map(({ name }) => name)).toEqual(['GetBucketEncryption', 'PutObject', 'PutObject']);
    expect(sent[1]!.input).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'key-1' });
  });
});

test('what one upload cannot take is not sent, and the failure names the file', async () => {
  const { aws, sent } = answering({});
  const asset = { source: { path: '/cdk.out/asset.model', packaging: 'zip' } };
  const large = { ...content, size: 6 * 1024 ** 3, folder: '/cdk.out/asset.model' };
  const sending = upload(aws, { ...destination, asset } as FileDestination, large, { buckets: new Buckets() });
  await expect(sending).rejects.toMatchObject({
    code: 'AssetTooLarge',
    message: expect.stringContaining(
      'The asset /cdk.out/asset.model is an archive of 6442450944 bytes, and one upload',
    ),
  });
  expect(sent).toEqual([]);
});

test('a bucket in another region is named as such', async () => {
  const { aws } = answering({ HeadObject: error('PermanentRedirect', 301) });
  await expect(inspect(aws, destination, content, new ByteBudget(100))).rejects.toMatchObject({
    code: 'BucketInOtherRegion',
  });
});

type Answer = object | Error | ((input: Record<string, unknown>) => object | Error);

/** An AWS that answers each operation in one way, and remembers what it was asked. */
function answering(answers: Record<string, Answer>) {
  const sent: Array<{ name: string; input: Record<string, unknown> }> = [];
  const send = async (command: { input: Record<string, unknown> }) => {
    const name = command.constructor.name.replace(/Command$/, '');
    sent.push({ name, input: command.input });
    const answer = answers[name];
    if (!answer) throw new Error(`${name} was not expected`);
    const result = typeof answer === 'function' ? answer(command.input) : answer;
    if (result instanceof Error) throw result;
    return result;
  };
  return { aws: { s3: async () => ({ send }) } as unknown as AwsClients, sent };
}

/** HEAD answers carry no code, so the SDK names the error after the status. */
function refused(name = '403'): Error {
  return error(name, 403);
}

function error(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
}
