import { createHash } from 'node:crypto';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ProgressEvent } from 'nx-cdk/src/progress/events.ts';
import { PROD, rootClients, STAGING } from 'test-bed';
import { filesIn, type Intercept, outcomes, rehearse, type Rehearsal } from './rehearsal.ts';
import { assetOf, handlerFolder, largeFile, type Source, templateFile } from './sources.ts';

let aws: Rehearsal;
let folder: string;
let staging: S3Client;

beforeAll(async () => {
  aws = await rehearse();
  folder = aws.folder;
  staging = rootClients(aws.local, STAGING).s3();
});

afterAll(async () => {
  staging?.destroy();
  await aws?.end();
});

describe('publishing with credentials that may only assume publishing roles', () => {
  test('uploads each asset to each account, with one look and one upload each; then finds nothing to do', async () => {
    // given a template, a folder with a handler and a large file, for two accounts, the template twice
    const sources = [await templateFile(folder), await handlerFolder(folder), await largeFile(folder, 9 * 1024 * 1024)];
    const files = [STAGING, PROD].flatMap((environment) =>
      sources.map((source) => assetOf(source, environment, { stacks: ['Data'] })),
    );
    const request = { files: [...files, assetOf(sources[0]!, STAGING, { stacks: ['Service'] })] };

    // when
    const cold = await aws.run(request);

    // then
    expect(outcomes(cold.report)).toEqual(Array(6).fill('uploaded'));
    expect(cold.report).toMatchObject({ success: true, totals: { uploaded: 6, failed: 0, destinations: 6 } });
    expect(cold.report.destinations[0]!.stacks).toEqual(['Data', 'Service']);
    expect(cold.calls).toEqual({ AssumeRole: 2, HeadObject: 6, GetBucketEncryption: 2, PutObject: 6 });
    for (const { account, region, bucket, key, sha256, bytes } of filesIn(cold.report)) {
      const stored = await aws.contentOf({ account, region }, bucket, key);
      expect(createHash('sha256').update(stored).digest('hex')).toBe(sha256);
      expect(stored.length).toBe(bytes);
    }

    // when nothing changed
    const again = await aws.run(request);

    // then each destination costs one request, counted at the endpoint
    expect(outcomes(again.report)).toEqual(Array(6).fill('unchanged'));
    expect(again.calls).toEqual({ AssumeRole: 2, HeadObject: 6 });
    expect(again.requestsAtEndpoint).toEqual({ AssumeRole: 2, HeadObject: 6 });
  });

  test('replaces an object that was truncated, and says so', async () => {
    // given
    const asset = assetOf(await handlerFolder(folder), STAGING);
    const { report: first } = await aws.run({ files: [asset] });
    const { bucket, key, bytes } = filesIn(first)[0]!;
    const whole = await aws.contentOf(STAGING, bucket, key);
    await staging.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: whole.subarray(0, 20) }));

    // when
    const { report, events } = await aws.run({ files: [asset] });

    // then
    expect(report).toMatchObject({ success: true, totals: { replaced: 1 } });
    expect(report.destinations[0]!.detail).toBe(`an object of 20 bytes instead of ${bytes} was there`);
    expect(warnings(events)).toEqual([
      expect.stringMatching(
        /held the wrong content \(an object of 20 bytes instead of \d+ was there\) and was replaced/,
      ),
    ]);
    expect(await aws.contentOf(STAGING, bucket, key)).toEqual(whole);
    expect(outcomes((await aws.run({ files: [asset] })).report)).toEqual(['unchanged']);
  });

  test.each([
    ['with its own SHA-256', { ChecksumAlgorithm: 'SHA256' }],
    ['with only a CRC', { ChecksumAlgorithm: 'CRC32' }],
  ] as const)('replaces an object of the same size with one byte changed, stored %s', async (_, checksum) => {
    for (const source of [await templateFile(folder), await handlerFolder(folder)]) {
      // given
      const asset = assetOf(source, STAGING);
      const { bucket, key } = filesIn((await aws.run({ files: [asset] })).report)[0]!;
      const content = await aws.contentOf(STAGING, bucket, key);
      const spoiled = Buffer.from(content);
      spoiled[spoiled.length >> 1]! ^= 1;
      await staging.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: spoiled, ...checksum }));

      // when
      const { report } = await aws.run({ files: [asset] });

      // then
      expect(report.destinations[0]).toMatchObject({
        outcome: 'replaced',
        detail: 'an object of the same size but with other content was there',
      });
      expect(await aws.contentOf(STAGING, bucket, key)).toEqual(content);
    }
  });

  test('reads the content where no SHA-256 proves it, and leaves it where it is right', async () => {
    // given an object that somebody uploaded with a weaker checksum
    const path = await templateFile(folder);
    const asset = assetOf(path, STAGING);
    await staging.send(
      new PutObjectCommand({
        Bucket: `cdk-hnb659fds-assets-${STAGING.account}-${STAGING.region}`,
        Key: asset.key,
        Body: await readFile(path.path),
        ChecksumAlgorithm: 'CRC32C',
      }),
    );

    // when
    const { report, calls } = await aws.run({ files: [asset] });

    // then
    expect(outcomes(report)).toEqual(['unchanged']);
    expect(calls).toEqual({ AssumeRole: 1, HeadObject: 1, GetObject: 1 });
  });

  test('a dry run says what would happen and uploads nothing', async () => {
    const asset = assetOf(await templateFile(folder), STAGING);
    const { report, calls } = await aws.run({ files: [asset], dryRun: true });
    expect(report.destinations[0]).toMatchObject({ outcome: 'planned', detail: 'would be uploaded' });
    expect(calls).not.toHaveProperty('PutObject');
  });

  test('one asset that fails does not stop the others', async () => {
    // given a file that is gone and a bucket that is not there
    const good = assetOf(await templateFile(folder), STAGING);
    const gone = assetOf({ ...(await templateFile(folder)), path: join(folder, 'gone.json') }, STAGING);
    const nowhere = { ...assetOf(await templateFile(folder), STAGING), bucket: 'cdk-other-assets-${AWS::AccountId}' };

    // when
    const { report } = await aws.run({ files: [gone, nowhere, good] });

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

  test('refuses two different contents for one object, and takes the same content from two places', async () => {
    // given
    const [one, other] = [await templateFile(folder), await templateFile(folder)];
    const copy = { ...one, path: `${one.path}.copy` };
    await copyFile(one.path, copy.path);
    const asset = assetOf(one, STAGING);
    const at = (source: Source) => ({ ...asset, source: { ...source, fingerprint: source.path } });

    // when / then
    const same = await aws.run({ files: [asset, at(copy)] });
    expect(outcomes(same.report)).toEqual(['uploaded']);
    const conflicting = await aws.run({ files: [asset, at(other)], force: true });
    expect(conflicting.report.destinations[0]!.failure).toMatchObject({ code: 'AssetConflict' });
  });

  test('survives a 503 at any single call', async () => {
    // given
    const make = async () =>
      [await templateFile(folder), await largeFile(folder, 9 * 1024 * 1024)].map((source) => assetOf(source, STAGING));
    const calls =
      Object.values((await aws.run({ files: await make() })).calls).reduce((sum, count) => sum + count, 0) - 1;
    expect(calls).toBe(5);

    // when each of the calls to S3 in turn is answered with 503 once
    for (let failing = 1; failing <= calls; failing++) {
      const { report } = await aws.run({ files: await make() }, { intercept: answering503(failing) });

      // then
      expect(outcomes(report)).toEqual(['uploaded', 'uploaded']);
    }
  });

  test('starts nothing more once it is interrupted', async () => {
    // given
    const files = [assetOf(await templateFile(folder), STAGING), assetOf(await templateFile(folder), STAGING)];
    const controller = new AbortController();

    // when the signal comes with the first answer
    const { report } = await aws.run(
      { files, limits: { upload: 1 } },
      { signal: controller.signal, intercept: async (_, next) => next().finally(() => controller.abort()) },
    );

    // then
    expect(report).toMatchObject({ success: false, interrupted: true, totals: { skipped: 2, uploaded: 0 } });
    expect(outcomes((await aws.run({ files })).report)).toEqual(['uploaded', 'uploaded']);
  });
});

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

function warnings(events: readonly ProgressEvent[]): string[] {
  return events
    .filter((event) => event.type === 'message')
    .filter(({ level }) => level === 'warning')
    .map(({ text }) => text);
}
