import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FileAsset } from 'nx-cdk/src/assembly/model.ts';
import { STAGING } from 'test-bed';
import { filesIn, outcomes, rehearse, type Rehearsal } from './rehearsal.ts';
import { assetOf, handlerFolder, largeFile, templateFile } from './sources.ts';

let aws: Rehearsal;
let folder: string;

beforeAll(async () => {
  aws = await rehearse();
  folder = aws.folder;
});

afterAll(async () => {
  await aws?.end();
});

describe('together with the stock cdk-assets', () => {
  test('what it published is unchanged for us; what we published, it leaves alone', async () => {
    // given a template, a folder that both zip, and a file that it uploads in parts
    const make = async () =>
      [await templateFile(folder), await handlerFolder(folder), await largeFile(folder, 12_000_000)].map((source) =>
        assetOf(source, STAGING),
      );

    // when it publishes first
    const theirs = await make();
    const stock = await runStock(theirs);
    const { report, calls } = await aws.run({ files: theirs });

    // then
    expect(stock.uploads).toBeGreaterThan(3);
    expect(outcomes(report)).toEqual(['unchanged', 'unchanged', 'unchanged']);
    expect(calls).toEqual({ AssumeRole: 1, HeadObject: 3 });

    // when we publish first
    const mine = await make();
    expect(outcomes((await aws.run({ files: mine })).report)).toEqual(['uploaded', 'uploaded', 'uploaded']);

    // then
    expect((await runStock(mine)).uploads).toBe(0);
  });

  test('an archive that it made of a checkout with another umask is left in place', async () => {
    // given
    const source = await handlerFolder(folder);
    await chmod(join(source.path, 'index.mjs'), 0o664);
    const asset = assetOf(source, STAGING);
    await runStock([asset]);

    // when
    const { report, calls } = await aws.run({ files: [asset] });

    // then the report names the archive that is there, not the one that would have been written
    const { bucket, key } = filesIn(report)[0]!;
    const there = await aws.contentOf(STAGING, bucket, key);
    expect(report.destinations[0]).toMatchObject({
      outcome: 'unchanged',
      detail: 'the same files, zipped by another tool or machine',
      sha256: createHash('sha256').update(there).digest('hex'),
    });
    expect(calls).toEqual({ AssumeRole: 1, HeadObject: 1, GetObject: 1 });
  });
});

/** Runs the `cdk-assets` command in a process of its own, as it is installed. */
async function runStock(assets: readonly FileAsset[]): Promise<{ uploads: number }> {
  const directory = await mkdtemp(join(folder, 'stock-'));
  const files = assets.map(({ assetId, source, bucket, key, role, target }) => [
    assetId,
    {
      source: { path: source.path, packaging: source.packaging },
      destinations: {
        there: { bucketName: bucket, objectKey: key, assumeRoleArn: role!.arn, region: target.region },
      },
    },
  ]);
  const resolvedFiles = JSON.stringify(Object.fromEntries(files)).replaceAll('${AWS::AccountId}', STAGING.account);
  await writeFile(join(directory, 'assets.json'), `{"version":"36.0.0","files":${resolvedFiles}}`);
  const program = createRequire(import.meta.url).resolve('cdk-assets/bin/cdk-assets');
  const { requests } = await aws.counting(() =>
    promisify(execFile)(process.execPath, [program, 'publish', '--path', directory], {
      env: {
        ...process.env,
        ...aws.local.foreignEnvironment(),
        ...aws.proxy.environment,
        AWS_ACCESS_KEY_ID: aws.publisher.accessKeyId,
        AWS_SECRET_ACCESS_KEY: aws.publisher.secretAccessKey,
        AWS_SESSION_TOKEN: aws.publisher.sessionToken,
      },
    }),
  );
  return { uploads: (requests['PutObject'] ?? 0) + (requests['UploadPart'] ?? 0) };
}
