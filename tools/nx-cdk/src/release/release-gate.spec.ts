import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { zipFolder } from '../archives/index.ts';
import { type AssemblyStack, type FileAsset, fileContentDigest } from '../assembly/index.ts';
import type { StackState } from '../cloudformation/index.ts';
import type { DestinationReport } from '../destinations/index.ts';
import { RELEASE_FORMAT, type ReleasedAsset, type ReleaseManifest } from './model.ts';
import { recordPublished } from './put-records.ts';
import { ReleaseGate } from './release-gate.ts';
import {
  ACCOUNT,
  ELSEWHERE,
  FakeAccount,
  fileOf,
  imageOf,
  pushed,
  REGION,
  sha256,
  stackOf,
  uploaded,
} from './testing/fake-account.ts';

const release = '3f'.repeat(32);
const DIGEST = `sha256:${'ab'.repeat(32)}`;
const signing = { key: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1a2b`, algorithm: 'ECDSA_SHA_256' } as const;

let cloud: FakeAccount;
let stacks: AssemblyStack[];
let results: DestinationReport[];

/** Publishes what these stacks need: the content of each file is its name. */
async function publish(...published: AssemblyStack[]): Promise<void> {
  stacks = published;
  results = published.flatMap(({ files, images }) => [
    ...files.map(({ key }) => uploaded(key, cloud.put('assets', key, archives.get(key) ?? key))),
    ...images.map(({ tag, target: { region } }) => {
      cloud.images.set(`${region} images:${tag}`, DIGEST);
      return pushed(tag, DIGEST, region);
    }),
  ]);
  await recordPublished({ release, stacks, destinations: results }, { aws: cloud.aws, listener: () => undefined });
  cloud.asked.length = 0;
}

/** A gate for what was published; contents are what they were then. */
function gate(options: { signing?: typeof signing; isStored?: boolean } = {}) {
  const files = stacks.flatMap((stack) => stack.files);
  const images = stacks.flatMap((stack) => stack.images);
  const assets: ReleasedAsset[] = [
    ...files.map(({ key, source }) => ({
      id: key,
      kind: 'file' as const,
      packaging: source.packaging,
      path: relative(folder, source.path!),
      sha256: digests.get(key) ?? sha256(key),
    })),
    ...images.map(({ tag, source }) => ({
      id: tag,
      kind: 'image' as const,
      path: relative(folder, source.build!.directory),
      sha256: sha256(tag),
    })),
  ];
  const manifest: ReleaseManifest = {
    format: RELEASE_FORMAT,
    digest: release,
    tools: {},
    manifests: {},
    stacks: {},
    assets,
  };
  return new ReleaseGate(
    { manifest, assembly: { directory: folder, stacks }, ...options },
    { aws: cloud.aws, listener: () => undefined },
  );
}

const pending = (...some: AssemblyStack[]) =>
  some.map((stack) => {
    const resolved = { stack, session: { account: ACCOUNT, region: REGION } };
    return { desired: { resolved } } as StackState;
  });

/** The assembly, and what is in its archives. */
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'release-gate-'));
const [archives, digests] = [new Map<string, Buffer>(), new Map<string, string>()];

beforeEach(() => (cloud = new FakeAccount()));
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder that is zipped. */
async function archiveOf(key: string, content = key): Promise<FileAsset> {
  const path = join(folder, key);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'index.js'), content);
  archives.set(key, Buffer.concat(await zipFolder(path).toArray()));
  digests.set(key, await fileContentDigest({ fingerprint: '', path, packaging: 'zip' }));
  return fileOf(key, 'zip', folder);
}

test('records are read once, and each object is looked at once, however many stacks need it', async () => {
  // given
  const shared = await archiveOf('shared.zip');
  await publish(stackOf('Data', [shared]), stackOf('Service', [shared]));

  // when
  const one = gate();
  await one.check(pending(...stacks));

  // then
  const count = (name: string) => cloud.asked.filter((each) => each.startsWith(name)).length;
  expect([count('ListObjectsV2'), count('GetObject'), count('HeadObject')]).toEqual([1, 1, 3]);
  expect(stacks.map(({ id }) => one.hasVerified(id))).toEqual([true, true]);
});

test('of several differences the first one in the order of the assembly is told, whichever is found first', async () => {
  // given the first one takes longest
  await publish(stackOf('Data'), stackOf('Service', [await archiveOf('code.zip')]));
  for (const key of ['Data.json', 'Service.json', 'code.zip']) cloud.put('assets', key, 'other');
  cloud.delays.set('Data.json', 50);
  cloud.delays.set('Service.json', 20);

  // when / then
  const [data, service] = pending(...stacks) as [StackState, StackState];
  await expect(gate().check([service, data])).rejects.toMatchObject({
    code: 'AssetReplaced',
    message: expect.stringMatching(/^Data: the object s3:\/\/assets\/Data\.json is not what was published/),
  });
  await expect(gate().check([service])).rejects.toThrow(/^Service: the object s3:\/\/assets\/Service\.json/);
});

test('only pending stacks are looked at, and another one before it changes after all', async () => {
  // given
  await publish(stackOf('Data'), stackOf('Service'));
  cloud.put('assets', 'Service.json', 'other');
  const one = gate();

  // when / then
  await one.check(pending(stacks[0]!));
  expect(cloud.asked).not.toContain('HeadObject Service.json');
  expect(one.hasVerified('Service')).toBe(false);
  await expect(one.admit(pending(stacks[1]!)[0]!)).rejects.toMatchObject({ code: 'AssetReplaced' });

  // when nothing was changed
  const looked = cloud.asked.length;
  await one.admit(pending(stacks[0]!)[0]!);
  expect(cloud.asked).toHaveLength(looked);
});

test('images of one name in two regions are told apart', async () => {
  // given
  await publish(stackOf('Data', [], [imageOf('packing'), imageOf('packing', ELSEWHERE)]));
  await gate().check(pending(...stacks));
  expect(cloud.asked).toEqual(
    expect.arrayContaining(['DescribeImages eu-west-1 packing', 'DescribeImages us-east-1 packing']),
  );

  // when one of them is replaced
  cloud.images.set(`${ELSEWHERE} images:packing`, `sha256:${'cd'.repeat(32)}`);

  // then
  await expect(gate().check(pending(...stacks))).rejects.toMatchObject({
    code: 'ImageReplaced',
    message: expect.stringContaining(`the image images:packing in ${ACCOUNT}/us-east-1 is not what was published`),
  });
});

test('a record cannot say of a file what the release does not', async () => {
  // given a publisher who put something else there, and recorded it
  await publish(stackOf('Data'));
  const destinations = [uploaded('Data.json', cloud.put('assets', 'Data.json', 'other'))];
  await recordPublished({ release, stacks, destinations }, { aws: cloud.aws, listener: () => undefined });

  // when / then
  await expect(gate().check(pending(...stacks))).rejects.toMatchObject({
    code: 'RecordContradicts',
    message: `Data: the record of release 3f3f3f3f3f3f says that s3://assets/Data.json was published with the SHA-256 ${sha256('other')}, but that of its template in the release is ${sha256('Data.json')}: somebody has changed the record; publish again (nx publish <project>) after finding out who.`,
  });
});

describe('an archive', () => {
  const exchange = (bytes: Buffer | string) => {
    const destinations = results.map((result) =>
      result.kind === 'file' && result.key === 'code.zip'
        ? uploaded('code.zip', cloud.put('assets', 'code.zip', bytes))
        : result,
    );
    return recordPublished({ release, stacks, destinations }, { aws: cloud.aws, listener: () => undefined });
  };

  test('is what was published if the same folder is packed to its bytes here: it is not fetched', async () => {
    await publish(stackOf('Data', [await archiveOf('code.zip')]));
    await gate().check(pending(...stacks));
    expect(cloud.asked).not.toContain('GetObject code.zip');
  });

  test('that a publisher has exchanged, and recorded so, is refused', async () => {
    // given
    await archiveOf('code.zip', 'evil');
    const evil = archives.get('code.zip')!;
    await publish(stackOf('Data', [await archiveOf('code.zip')]));
    await exchange(evil);

    // when / then
    await expect(gate().check(pending(...stacks))).rejects.toMatchObject({
      code: 'RecordContradicts',
      message:
        'Data: the archive s3://assets/code.zip is what the record of release 3f3f3f3f3f3f says, but it does not hold ' +
        'the files of asset code.zip in the release: somebody who may publish has exchanged it; ' +
        'publish again (nx publish <project>) after finding out who.',
    });
    await exchange('no archive');
    await expect(gate().check(pending(...stacks))).rejects.toMatchObject({ code: 'RecordContradicts' });
  });

  test('of an assembly that was stored is fetched, whatever the folder here holds, and compared', async () => {
    // given
    const asset = await archiveOf('code.zip');
    await publish(stackOf('Data', [asset]));
    writeFileSync(join(folder, 'code.zip', 'index.js'), 'somebody was here');
    const good = archives.get('code.zip')!;

    // when / then
    await gate({ isStored: true }).check(pending(...stacks));
    // in place of a look
    expect(cloud.asked.filter((each) => each.endsWith('code.zip'))).toEqual(['GetObject code.zip']);

    // when a publisher exchanges it
    await archiveOf('code.zip', 'evil');
    await exchange(archives.get('code.zip')!);
    await archiveOf('code.zip');
    // then
    const refused = gate({ isStored: true }).check(pending(...stacks));
    await expect(refused).rejects.toMatchObject({ code: 'RecordContradicts' });
    await exchange(good);
    await gate({ isStored: true }).check(pending(...stacks));
  });

  test('that is stored in two places with the same bytes is fetched once', async () => {
    // given
    const asset = await archiveOf('code.zip');
    const other = { ...asset, key: 'copy.zip' };
    archives.set('copy.zip', archives.get('code.zip')!);
    digests.set('copy.zip', digests.get('code.zip')!);
    await publish(stackOf('Data', [asset]), stackOf('Service', [other]));
    // when
    await gate({ isStored: true }).check(pending(...stacks));
    // then
    expect(cloud.asked.filter((each) => each.endsWith('.zip'))).toEqual(['GetObject code.zip', 'HeadObject copy.zip']);
  });

  test('that changes on the disk after it was compared with the release is not taken for what is there', async () => {
    await archiveOf('code.zip', 'evil');
    const evil = archives.get('code.zip')!;
    await publish(stackOf('Data', [await archiveOf('code.zip')]));
    await exchange(evil);
    writeFileSync(join(folder, 'code.zip', 'index.js'), 'evil');
    await expect(gate().check(pending(...stacks))).rejects.toMatchObject({ code: 'RecordContradicts' });
  });
});

describe('a stack whose template is not published', () => {
  const unpublished: AssemblyStack = { ...stackOf('Data'), templateUrl: undefined, files: [] };

  test.each([
    ['and is sent with its assets', undefined],
    ['although it names a place', 's3://assets/elsewhere.json'],
  ])('%s cannot be deployed: no record says what was published', async (_, templateUrl) => {
    await publish({ ...stackOf('Data'), templateUrl });
    await expect(gate().check(pending(...stacks))).rejects.toThrow(
      'Data: its template is not published, so no record vouches for its assets',
    );
  });

  test('has no record, and needs none without assets', async () => {
    await publish(unpublished);
    const one = gate();
    await one.check(pending(...stacks));
    expect(cloud.asked).toEqual([]);
    expect(one.hasVerified('Data')).toBe(false);
  });

  test('cannot be deployed where records have to be signed', async () => {
    await publish(unpublished);
    await expect(gate({ signing }).check(pending(...stacks))).rejects.toThrow(
      `Data: its template is not published, so no record signed by ${signing.key} vouches for it`,
    );
  });
});

describe('a publishing run', () => {
  const records = () => [...cloud.objects.keys()].filter((key) => key.startsWith('assets/releases/'));

  test.each(['failed', 'skipped', 'planned'] as const)(
    'that leaves one destination %s records nothing in that bucket',
    async (outcome) => {
      stacks = [stackOf('Data', [fileOf('a.txt')])];
      const destinations = [uploaded('Data.json', sha256('')), uploaded('a.txt', sha256(''), { outcome })];
      const reports = await recordPublished(
        { release, stacks, destinations },
        { aws: cloud.aws, listener: () => undefined },
      );
      expect(reports).toMatchObject([{ bucket: 'assets', outcome: 'left-out' }]);
      expect(cloud.asked).toEqual([]);
    },
  );

  test('that is interrupted records nothing', async () => {
    stacks = [stackOf('Data')];
    const destinations = [uploaded('Data.json', sha256(''))];
    const signal = AbortSignal.abort();
    await recordPublished({ release, stacks, destinations }, { aws: cloud.aws, listener: () => undefined, signal });
    expect(cloud.asked).toEqual([]);
  });

  test('leaves out stacks whose templates it was not about', async () => {
    stacks = [stackOf('Data'), stackOf('Service')];
    const destinations = [uploaded('Data.json', sha256(''))];
    await recordPublished({ release, stacks, destinations }, { aws: cloud.aws, listener: () => undefined });
    expect(records()).toHaveLength(1);
  });

  test('records the same in the same object, and anything else next to it', async () => {
    await publish(stackOf('Data'));
    await publish(stackOf('Data'));
    expect(records()).toHaveLength(1);
    await publish(stackOf('Data'), stackOf('Service'));
    expect(records()).toHaveLength(2);
    await gate().check(pending(...stacks));
  });

  test('writes its record without a look where it has uploaded something, and looks where it has not', async () => {
    // given
    const asked = async (outcome: 'uploaded' | 'unchanged') => {
      const destinations = results.map((result) => ({ ...result, outcome }));
      cloud.asked.length = 0;
      const [report] = await recordPublished(
        { release, stacks, destinations },
        { aws: cloud.aws, listener: () => undefined },
      );
      return [report?.outcome, ...cloud.asked.map((each) => each.split(' ')[0])];
    };
    await publish(stackOf('Data', [fileOf('a.txt')]));

    // when / then
    expect(await asked('uploaded')).toEqual(['recorded', 'GetBucketEncryption', 'PutObject']);
    expect(await asked('unchanged')).toEqual(['unchanged', 'GetObject']);

    // when an image is among it, which may not have been replaced
    await publish(stackOf('Data', [], [imageOf('packing')]));
    expect(await asked('uploaded')).toEqual(['unchanged', 'GetObject']);
  });

  test('refuses to record another image than the one that this release had there, unless it is forced', async () => {
    // given
    await publish(stackOf('Data', [], [imageOf('packing')]));
    const other = `sha256:${'cd'.repeat(32)}`;
    const destinations = [results[0]!, pushed('packing', other)];
    const heard: unknown[] = [];
    const run = (force: boolean) =>
      recordPublished(
        { release, stacks, destinations, force },
        { aws: cloud.aws, listener: (event) => heard.push(event) },
      );

    // when / then
    expect(await run(false)).toMatchObject([{ outcome: 'failed', failure: { code: 'ImageReplaced' } }]);
    expect(heard).toEqual([
      expect.objectContaining({ level: 'error', text: expect.stringContaining(`its digest is ${other}`) }),
    ]);
    expect(await run(true)).toMatchObject([{ outcome: 'recorded' }]);
  });
});
