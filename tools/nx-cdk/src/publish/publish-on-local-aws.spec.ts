import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { startInstance, type LocalAws } from 'local-aws';
import type { Environment, FileAsset } from '../assembly/model.ts';
import { type Aws, createAws } from '../aws/index.ts';
import type { ProgressEvent } from '../progress/events.ts';
import { publish, type PublishReport, type PublishRequest } from './index.ts';
import { callerWhoMay, CI, PROD, rootS3, setUpAccounts, STAGING, statement } from './test-accounts.ts';

const BUCKET = 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}';
const ROLE =
  'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-file-publishing-role-${AWS::AccountId}-${AWS::Region}';

let folder: string;
let local: LocalAws;
let staging: S3Client;
let publisher: AwsCredentialIdentity;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'publish-'));
  local = await startInstance({
    directory: join(folder, 'aws'),
    managementAccount: CI.account,
    region: CI.region,
    logRequests: true,
  });
  Object.assign(process.env, local.environment(CI.account));
  await setUpAccounts(local);
  publisher = await callerWhoMay(local, 'file-publishing');
  staging = rootS3(local, STAGING);
}, 120_000);

afterAll(async () => {
  staging?.destroy();
  await local?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('publishing with credentials that may only assume publishing roles', () => {
  test('uploads each asset to each account, with one look and one upload each; then finds nothing to do', async () => {
    // given a template, a folder with a handler and a large file, for two accounts, the template twice
    const sources = [await templateFile(), await handlerFolder(), await largeFile(9 * 1024 * 1024)];
    const files = [STAGING, PROD].flatMap((environment) =>
      sources.map((source) => assetOf(source, environment, { stacks: ['Data'] })),
    );
    const request = { files: [...files, assetOf(sources[0]!, STAGING, { stacks: ['Service'] })] };

    // when
    const cold = await run(request);

    // then
    expect(outcomes(cold.report)).toEqual(Array(6).fill('uploaded'));
    expect(cold.report).toMatchObject({ success: true, totals: { uploaded: 6, failed: 0, destinations: 6 } });
    expect(cold.report.destinations[0]!.stacks).toEqual(['Data', 'Service']);
    expect(cold.calls).toEqual({ AssumeRole: 2, HeadObject: 6, GetBucketEncryption: 2, PutObject: 6 });
    for (const { account, region, bucket, key, sha256, bytes } of cold.report.destinations) {
      const stored = await contentOf({ account, region }, bucket, key);
      expect(createHash('sha256').update(stored).digest('hex')).toBe(sha256);
      expect(stored.length).toBe(bytes);
    }

    // when nothing changed
    const again = await run(request);

    // then each destination costs one request, counted by the endpoint itself
    expect(outcomes(again.report)).toEqual(Array(6).fill('unchanged'));
    expect(again.calls).toEqual({ AssumeRole: 2, HeadObject: 6 });
    expect(again.requestsAtEndpoint).toEqual({ AssumeRole: 2, GetObject: 6 });
  });

  test('replaces an object that was truncated, and says so', async () => {
    // given
    const asset = assetOf(await handlerFolder(), STAGING);
    const { report: first } = await run({ files: [asset] });
    const { bucket, key, bytes } = first.destinations[0]!;
    const whole = await contentOf(STAGING, bucket, key);
    await staging.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: whole.subarray(0, 20) }));

    // when
    const { report, events } = await run({ files: [asset] });

    // then
    expect(report).toMatchObject({ success: true, totals: { replaced: 1 } });
    expect(report.destinations[0]!.detail).toBe(`an object of 20 bytes instead of ${bytes} was there`);
    expect(warnings(events)).toEqual([
      expect.stringMatching(
        /held the wrong content \(an object of 20 bytes instead of \d+ was there\) and was replaced/,
      ),
    ]);
    expect(await contentOf(STAGING, bucket, key)).toEqual(whole);
    expect(outcomes((await run({ files: [asset] })).report)).toEqual(['unchanged']);
  });

  test.each([
    ['with its own SHA-256', { ChecksumAlgorithm: 'SHA256' }],
    ['with only a CRC', { ChecksumAlgorithm: 'CRC32' }],
  ] as const)('replaces an object of the same size with one byte changed, stored %s', async (_, checksum) => {
    for (const source of [await templateFile(), await handlerFolder()]) {
      // given
      const asset = assetOf(source, STAGING);
      const { bucket, key } = (await run({ files: [asset] })).report.destinations[0]!;
      const content = await contentOf(STAGING, bucket, key);
      const spoiled = Buffer.from(content);
      spoiled[spoiled.length >> 1]! ^= 1;
      await staging.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: spoiled, ...checksum }));

      // when
      const { report } = await run({ files: [asset] });

      // then
      expect(report.destinations[0]).toMatchObject({
        outcome: 'replaced',
        detail: 'an object of the same size but with other content was there',
      });
      expect(await contentOf(STAGING, bucket, key)).toEqual(content);
    }
  });

  test('reads the content where no SHA-256 proves it, and leaves it where it is right', async () => {
    // given an object that somebody uploaded with a weaker checksum
    const path = await templateFile();
    const asset = assetOf(path, STAGING);
    await staging.send(
      new PutObjectCommand({
        Bucket: resolved(BUCKET),
        Key: asset.key,
        Body: await readFile(path.path),
        ChecksumAlgorithm: 'CRC32C',
      }),
    );

    // when
    const { report, calls } = await run({ files: [asset] });

    // then
    expect(outcomes(report)).toEqual(['unchanged']);
    expect(calls).toEqual({ AssumeRole: 1, HeadObject: 1, GetObject: 1 });
  });

  test('a dry run says what would happen and uploads nothing', async () => {
    const asset = assetOf(await templateFile(), STAGING);
    const { report, calls } = await run({ files: [asset], dryRun: true });
    expect(report.destinations[0]).toMatchObject({ outcome: 'planned', detail: 'would be uploaded' });
    expect(calls).not.toHaveProperty('PutObject');
  });

  test('one asset that fails does not stop the others', async () => {
    // given a file that is gone and a bucket that is not there
    const good = assetOf(await templateFile(), STAGING);
    const gone = assetOf({ ...(await templateFile()), path: join(folder, 'gone.json') }, STAGING);
    const nowhere = { ...assetOf(await templateFile(), STAGING), bucket: 'cdk-other-assets-${AWS::AccountId}' };

    // when
    const { report } = await run({ files: [gone, nowhere, good] });

    // then
    expect(outcomes(report)).toEqual(['failed', 'failed', 'uploaded']);
    expect(report.success).toBe(false);
    expect(report.destinations[0]!.failure).toMatchObject({
      code: 'AssetSourceMissing',
      message: expect.stringMatching(/gone\.json.*synthesize again/),
    });
    expect(report.destinations[1]!.failure).toMatchObject({
      code: 'NotBootstrapped',
      message: expect.stringMatching(
        /no bucket cdk-other-assets-111111111111 in 111111111111\/eu-west-1.*nx bootstrap/,
      ),
    });
  });

  test('survives a 503 at any single call', async () => {
    // given
    const make = async () =>
      [await templateFile(), await largeFile(9 * 1024 * 1024)].map((source) => assetOf(source, STAGING));
    const calls = Object.values((await run({ files: await make() })).calls).reduce((sum, count) => sum + count, 0) - 1;
    expect(calls).toBe(5);

    // when each of the calls to S3 in turn is answered with 503 once
    for (let failing = 1; failing <= calls; failing++) {
      const { report } = await run({ files: await make() }, { intercept: answering503(failing) });

      // then
      expect(outcomes(report)).toEqual(['uploaded', 'uploaded']);
    }
  }, 60_000);

  test('starts nothing more once it is interrupted', async () => {
    // given
    const files = [assetOf(await templateFile(), STAGING), assetOf(await templateFile(), STAGING)];
    const controller = new AbortController();

    // when the signal comes with the first answer
    const { report } = await run(
      { files, limits: { upload: 1 } },
      { signal: controller.signal, intercept: async (_, next) => next().finally(() => controller.abort()) },
    );

    // then
    expect(report).toMatchObject({ success: false, interrupted: true, totals: { skipped: 2, uploaded: 0 } });
    expect(outcomes((await run({ files })).report)).toEqual(['uploaded', 'uploaded']);
  });
});

describe('together with the stock cdk-assets', () => {
  test('what it published is unchanged for us; what we published, it leaves alone', async () => {
    // given a template, a folder that both zip, and a file that it uploads in parts
    const make = async () =>
      [await templateFile(), await handlerFolder(), await largeFile(12_000_000)].map((source) =>
        assetOf(source, STAGING),
      );

    // when it publishes first
    const theirs = await make();
    const stock = await runStock(theirs);
    const { report, calls } = await run({ files: theirs });

    // then
    expect(stock.uploads).toBeGreaterThan(3);
    expect(outcomes(report)).toEqual(['unchanged', 'unchanged', 'unchanged']);
    expect(calls).toEqual({ AssumeRole: 1, HeadObject: 3 });

    // when we publish first
    const mine = await make();
    expect(outcomes((await run({ files: mine })).report)).toEqual(['uploaded', 'uploaded', 'uploaded']);

    // then
    expect((await runStock(mine)).uploads).toBe(0);
  }, 60_000);
});

describe('what is refused', () => {
  test('credentials that may assume only deploy roles', async () => {
    // when
    const { report } = await run(
      { files: [assetOf(await templateFile(), STAGING)] },
      { credentials: await callerWhoMay(local, 'deploy') },
    );

    // then
    expect(report.destinations[0]!.failure!.message).toMatch(
      /may not sts:AssumeRole arn:aws:iam::111111111111:role\/cdk-hnb659fds-file-publishing-role-111111111111-eu-west-1/,
    );
  });

  test.each([
    // The bootstrapped role may use no bucket but its own account's, so all that shows is a refusal.
    ['the publishing role', ROLE, 'BucketRefused', /or the bucket belongs to another account than 111111111111/],
    [
      'broad credentials',
      undefined,
      'WrongBucketOwner',
      /does not belong to the account 111111111111 but to somebody else/,
    ],
  ])('a bucket of somebody else who would let us in, with %s', async (_, arn, code, message) => {
    // given a bucket whose owner lets everybody in, hoping for our templates
    const other = rootS3(local, PROD);
    const bucket = `taken-${randomBytes(6).toString('hex')}`;
    await other.send(new CreateBucketCommand({ Bucket: bucket }));
    await other.send(new DeletePublicAccessBlockCommand({ Bucket: bucket }));
    const Resource = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
    const Policy = JSON.stringify(statement({ Principal: '*', Action: 's3:*', Resource }));
    await other.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
    const asset = { ...assetOf(await templateFile(), STAGING, { bucket }), role: arn ? { arn } : undefined };

    // when AWS looks at the expected owner, which the local AWS does not
    const credentials = arn ? publisher : local.credentialsFor(STAGING.account);
    const { report } = await run({ files: [asset] }, { credentials, intercept: checkingOwner(PROD.account) });

    // then
    expect(report.destinations[0]!.failure).toMatchObject({ code, message: expect.stringMatching(message) });
    await expect(other.send(new GetObjectCommand({ Bucket: bucket, Key: asset.key }))).rejects.toThrow(/not exist/);
    other.destroy();
  });
});

type Intercept = (request: Record<string, string>, next: () => Promise<unknown>) => Promise<unknown>;

interface RunOptions {
  readonly credentials?: AwsCredentialIdentity;
  readonly intercept?: Intercept;
  readonly signal?: AbortSignal;
}

/** One run in a process of its own, as far as sessions and clients go. */
async function run(request: PublishRequest, options: RunOptions = {}) {
  const events: ProgressEvent[] = [];
  const listener = (event: ProgressEvent) => void events.push(event);
  const credentials = options.credentials ?? publisher;
  const real = createAws({ listener, credentials: async () => credentials });
  const intercepted = new WeakSet<S3Client>();
  const aws: Aws = {
    ...real,
    s3: async (speaker) => {
      const client = await real.s3(speaker);
      if (options.intercept && !intercepted.has(client)) {
        intercepted.add(client);
        const intercept = options.intercept;
        client.middlewareStack.add(
          (next) => (args) =>
            intercept((args.request as { headers: Record<string, string> }).headers, () => next(args)) as never,
          { step: 'finalizeRequest', priority: 'low', name: 'intercept' },
        );
      }
      return client;
    },
  };
  const before = (await requestLog()).length;
  try {
    const report = await publish(request, { aws, listener, signal: options.signal });
    const calls = countBy(events.filter((event) => event.type === 'aws-call').map(({ action }) => action));
    const requestsAtEndpoint = countBy((await requestLog()).slice(before).map(({ action }) => action));
    return { report, events, calls, requestsAtEndpoint };
  } finally {
    real.destroy();
  }
}

/** Runs the `cdk-assets` command in a process of its own, as it is installed. */
async function runStock(assets: readonly FileAsset[]): Promise<{ uploads: number }> {
  const directory = await mkdtemp(join(folder, 'stock-'));
  const files = assets.map(({ assetId, source, bucket, key, role, environment }) => [
    assetId,
    {
      source: { path: source.path, packaging: source.packaging },
      destinations: {
        there: { bucketName: bucket, objectKey: key, assumeRoleArn: role!.arn, region: environment.region },
      },
    },
  ]);
  const resolvedFiles = JSON.stringify(Object.fromEntries(files)).replaceAll('${AWS::AccountId}', STAGING.account);
  await writeFile(join(directory, 'assets.json'), `{"version":"36.0.0","files":${resolvedFiles}}`);
  const program = createRequire(import.meta.url).resolve('cdk-assets/bin/cdk-assets');
  const before = (await requestLog()).length;
  await promisify(execFile)(process.execPath, [program, 'publish', '--path', directory], {
    env: {
      ...process.env,
      ...local.foreignEnvironment(CI.account),
      AWS_ACCESS_KEY_ID: publisher.accessKeyId,
      AWS_SECRET_ACCESS_KEY: publisher.secretAccessKey,
      AWS_SESSION_TOKEN: publisher.sessionToken,
    },
  });
  const uploads = (await requestLog()).slice(before).filter(({ action }) => action === 'PutObject');
  return { uploads: uploads.length };
}

async function requestLog(): Promise<Array<{ action: string }>> {
  const lines = (await readFile(local.requestLog!, 'utf8')).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as { action: string });
}

function answering503(failing: number): Intercept {
  let count = 0;
  return (_, next) => {
    count += 1;
    if (count !== failing) return next();
    throw Object.assign(new Error('Service is unable to handle request.'), {
      name: 'ServiceUnavailable',
      $fault: 'server',
      $metadata: { httpStatusCode: 503 },
    });
  };
}

function checkingOwner(owner: string): Intercept {
  return (headers, next) => {
    const expected = headers['x-amz-expected-bucket-owner'];
    if (expected === undefined || expected === owner) return next();
    throw Object.assign(new Error('Access Denied'), {
      name: 'AccessDenied',
      $fault: 'client',
      $metadata: { httpStatusCode: 403 },
    });
  };
}

function outcomes(report: PublishReport): string[] {
  return report.destinations.map(({ outcome }) => outcome);
}

function warnings(events: ProgressEvent[]): string[] {
  return events.filter((event) => event.type === 'message').map(({ text }) => text);
}

function countBy(names: string[]): Record<string, number> {
  return names.reduce<Record<string, number>>((counts, name) => ({ ...counts, [name]: (counts[name] ?? 0) + 1 }), {});
}

interface Source {
  readonly path: string;
  readonly packaging: 'file' | 'zip';
}

function assetOf(source: Source, environment: Environment, extra: Partial<FileAsset> = {}): FileAsset {
  const hash = createHash('sha256').update(source.path).digest('hex');
  return {
    stacks: ['Data'],
    assetId: hash,
    destinationId: `${environment.account}-${environment.region}`,
    environment,
    role: { arn: ROLE },
    source: { ...source, fingerprint: source.path },
    bucket: BUCKET,
    key: `${hash}.${source.packaging === 'zip' ? 'zip' : 'json'}`,
    ...extra,
  };
}

async function templateFile(): Promise<Source> {
  const path = join(folder, `${randomBytes(6).toString('hex')}.template.json`);
  await writeFile(
    path,
    JSON.stringify({ Resources: { [randomBytes(300).toString('hex')]: { Type: 'AWS::SQS::Queue' } } }),
  );
  return { path, packaging: 'file' };
}

async function handlerFolder(): Promise<Source> {
  const path = join(folder, `asset.${randomBytes(6).toString('hex')}`);
  await mkdir(join(path, 'lib'), { recursive: true });
  await writeFile(join(path, 'index.mjs'), `export const handler = () => '${randomBytes(2000).toString('hex')}';\n`);
  await writeFile(join(path, 'lib', 'greeting.mjs'), 'export const greeting = "hello";\n'.repeat(100));
  return { path, packaging: 'zip' };
}

async function largeFile(bytes: number): Promise<Source> {
  const path = join(folder, `${randomBytes(6).toString('hex')}.bin`);
  await writeFile(path, randomBytes(1000));
  await truncate(path, bytes);
  return { path, packaging: 'file' };
}

function resolved(text: string): string {
  return text.replace('${AWS::AccountId}', STAGING.account).replace('${AWS::Region}', STAGING.region);
}

async function contentOf(environment: Environment, bucket: string, key: string): Promise<Buffer> {
  const s3 = rootS3(local, environment);
  const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const content = Buffer.from(await body!.transformToByteArray());
  s3.destroy();
  return content;
}
