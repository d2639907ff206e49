import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { zipFolder } from 'nx-cdk/src/archives/index.ts';
import { preAuthenticationEncoding } from 'nx-cdk/src/release/envelope.ts';
import { formatRecord } from 'nx-cdk/src/release/record.ts';
import { CI, rootOf } from 'test-bed';
import { contentOf, envelopeOf, flipByte, put, recordsOf, type StoredEnvelope } from './bucket-contents.ts';
import { BUCKET, makeRelease, openReleaseBed, type ReleaseBed, type TestRelease } from './release-bed.ts';

let bed: ReleaseBed;

beforeAll(async () => {
  bed = await openReleaseBed();
});

afterAll(() => bed?.close());

/** What somebody does who may write to the bucket. */
interface Tampering {
  /** For the name of the app: letters. */
  readonly name: string;
  readonly what: string;
  readonly how: (release: TestRelease) => Promise<void>;
  /** What a deployment says. */
  readonly sentence: RegExp;
  /** What publishing again needs to heal it. @default nothing more */
  readonly heals?: object;
}

/** Key of an object that a stack needs. */
async function keyOf(release: TestRelease, ending: RegExp): Promise<string> {
  const { record } = await envelopeOf(bed.s3, release);
  const objects = record.destinations.flatMap((each) => (each.kind === 'file' ? [each.key] : []));
  return objects.find((key) => ending.test(key))!;
}

/** Changes an envelope in place. */
async function rewrite(release: TestRelease, change: (envelope: StoredEnvelope) => void): Promise<void> {
  const { key, envelope } = await envelopeOf(bed.s3, release);
  change(envelope);
  await put(bed.s3, key, JSON.stringify(envelope));
}

/** Signs a record that says something else of an object, with the key of the release: what a publishing step may do. */
async function forge(release: TestRelease, key: string, said: { sha256: string; versionId?: string }): Promise<void> {
  const { key: recordKey, envelope, record } = await envelopeOf(bed.s3, release);
  const destinations = record.destinations.map((each) =>
    each.kind === 'file' && each.key === key ? { ...each, ...said } : each,
  );
  const payload = formatRecord({ ...record, destinations });
  const kms = new KMSClient(rootOf(bed.bed.local, CI));
  const Message = hash('sha256', preAuthenticationEncoding({ payloadType: envelope.payloadType, payload }), 'buffer');
  const question = { KeyId: bed.key, SigningAlgorithm: 'ECDSA_SHA_256', Message, MessageType: 'DIGEST' } as const;
  const { Signature } = await kms.send(new SignCommand(question));
  kms.destroy();
  const signatures = [{ keyid: bed.key, sig: Buffer.from(Signature!).toString('base64') }];
  await put(bed.s3, recordKey, JSON.stringify({ ...envelope, payload: payload.toString('base64'), signatures }));
}

const flippedBase64 = (text: string) => {
  const bytes = Buffer.from(text, 'base64');
  bytes[bytes.length - 1]! ^= 1;
  return bytes.toString('base64');
};

const TAMPERINGS: readonly Tampering[] = [
  {
    name: 'Template',
    what: 'one bit of a template in the bucket is flipped',
    how: async (release) => {
      const { sha256 } = release.manifest.stacks['Data']!;
      const { record } = await envelopeOf(bed.s3, release);
      const template = record.destinations.find((each) => each.kind === 'file' && each.sha256 === sha256);
      await flipByte(bed.s3, (template as { key: string }).key);
    },
    sentence:
      /Data: the object s3:\/\/\S+\.json is not what was published: its SHA-256 is [0-9a-f]{64}, the record of release [0-9a-f]{12} says [0-9a-f]{64}: somebody has replaced it; publish again \(nx publish shop\) after finding out who\./,
  },
  {
    name: 'Archive',
    what: 'one bit of an archive in the bucket is flipped',
    how: async (release) => flipByte(bed.s3, await keyOf(release, /\.zip$/), 0.2),
    sentence: /Service: the object s3:\/\/\S+\.zip is not what was published: its SHA-256 is [0-9a-f]{64}, the record/,
  },
  {
    name: 'File',
    what: 'one bit of a file in the bucket is flipped',
    how: async (release) => flipByte(bed.s3, await keyOf(release, /\.txt$/)),
    sentence: /Data: the object s3:\/\/\S+\.txt is not what was published: its SHA-256 is [0-9a-f]{64}, the record/,
  },
  {
    name: 'Gone',
    what: 'an archive is deleted from the bucket',
    how: async (release) => {
      const Key = await keyOf(release, /\.zip$/);
      await bed.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    },
    sentence: /Service: asset Handler is not in bucket cdk-hnb659fds-assets-\S+: run publish first \(nx publish shop\)/,
  },
  {
    name: 'Signature',
    what: 'one bit of a signature is flipped',
    how: (release) => rewrite(release, ({ signatures: [first] }) => (first!.sig = flippedBase64(first!.sig))),
    sentence:
      /The signature of s3:\/\/\S+\.json is not one of arn:aws:kms:\S+ for what the record says: somebody has changed it; publish again with --force/,
    heals: { force: true },
  },
  {
    name: 'Payload',
    what: 'a record says of an archive what its replacement is',
    how: async (release) => {
      const key = await keyOf(release, /\.zip$/);
      await rewrite(release, (envelope) => {
        const text = Buffer.from(envelope.payload, 'base64').toString();
        const { destinations } = JSON.parse(text) as { destinations: { key: string; sha256: string }[] };
        const { sha256 } = destinations.find((each) => each.key === key)!;
        const other = `${sha256.startsWith('0') ? '1' : '0'}${sha256.slice(1)}`;
        envelope.payload = Buffer.from(text.replace(sha256, other)).toString('base64');
      });
    },
    sentence: /The signature of s3:\/\/\S+\.json is not one of arn:aws:kms:\S+ for what the record says/,
  },
  {
    name: 'Stripped',
    what: 'the signature is taken off a record',
    how: (release) => rewrite(release, (envelope) => (envelope.signatures = [])),
    sentence: /Data: release [0-9a-f]{12} is not published to \S+: the record s3:\/\/\S+ is not signed by arn:aws:kms/,
  },
  {
    name: 'Broken',
    what: 'a record is no JSON any more',
    how: async (release) => {
      const { key } = await envelopeOf(bed.s3, release);
      await put(bed.s3, key, (await contentOf(bed.s3, key)).subarray(1));
    },
    sentence: /Data: s3:\/\/\S+\.json is no record of a publishing run: it is no JSON; somebody has changed it/,
  },
  {
    name: 'Deleted',
    what: 'a record is deleted',
    how: async (release) => {
      const { key: Key } = await envelopeOf(bed.s3, release);
      await bed.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    },
    sentence: /Data: release [0-9a-f]{12} is not published to \S+: run publish first \(nx publish shop\)/,
  },
  {
    name: 'Exchanged',
    what: 'who publishes has exchanged an archive, and signed a record that says so',
    how: async (release) => {
      const key = await keyOf(release, /\.zip$/);
      const evil = join(bed.bed.folder, 'evil');
      mkdirSync(evil, { recursive: true });
      writeFileSync(join(evil, 'index.mjs'), 'export const handler = () => process.env;\n');
      const archive = Buffer.concat(await zipFolder(evil).toArray());
      const answer = await bed.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: archive }));
      await forge(release, key, { sha256: hash('sha256', archive), versionId: answer.VersionId });
    },
    sentence:
      /Service: the archive s3:\/\/\S+\.zip is what the record of release [0-9a-f]{12} says, but it does not hold the files of asset Handler in the release: somebody who may publish has exchanged it/,
  },
  {
    name: 'Versioned',
    what: 'who publishes has exchanged a template, and signed a record that names its version',
    how: async (release) => {
      const { sha256 } = release.manifest.stacks['Data']!;
      const { record } = await envelopeOf(bed.s3, release);
      const { key } = record.destinations.find((each) => each.kind === 'file' && each.sha256 === sha256) as {
        key: string;
      };
      const Body = JSON.stringify({ Resources: { Other: { Type: 'AWS::SQS::Queue' } } });
      const { VersionId: versionId } = await bed.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body }));
      await forge(release, key, { sha256, versionId });
    },
    sentence: /Data: the object s3:\/\/\S+\.json is not what was published: its SHA-256 is [0-9a-f]{64}, the record/,
  },
  {
    name: 'Moved',
    what: 'the record of another release is put in the place of the right one',
    how: async (release) => {
      const other = await makeRelease(bed, 'Elsewhere');
      await bed.run('publish', other, bed.publisher, { signingKey: bed.key });
      const { key } = await envelopeOf(bed.s3, release);
      await put(bed.s3, key, await contentOf(bed.s3, (await recordsOf(bed.s3, other))[0]!));
    },
    sentence:
      /Data: s3:\/\/\S+\.json is the record of release [0-9a-f]{12} in 111111111111\/eu-west-1, not of [0-9a-f]{12}/,
  },
];

test.each(TAMPERINGS)('where $what, no stack changes, and publishing again heals it', async (tampering) => {
  // given a signed release that was published
  const release = await makeRelease(bed, tampering.name);
  const options = { signingKey: bed.key };
  expect(await bed.run('publish', release, bed.publisher, options)).toEndWith(0);

  // when
  await tampering.how(release);
  const refused = await bed.run('deploy', release, bed.deployer, options);

  // then
  expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(tampering.sentence) });
  await bed.expectNoStack(release);

  // when
  const healed = await bed.run('publish', release, bed.publisher, { ...options, ...tampering.heals });
  const deployed = await bed.run('deploy', release, bed.deployer, options);

  // then
  expect(healed).toEndWith(0);
  expect(deployed).toEndWith(0);
});

test('an asset that takes the place of a template is refused, by publish and by deploy', async () => {
  // given an app that publishes another template than people see
  const release = await makeRelease(bed, 'Claimed');
  const file = join(release.directory, 'Data.assets.json');
  const assets = JSON.parse(readFileSync(file, 'utf8')) as { files: Record<string, { source: { path: string } }> };
  Object.values(assets.files).find(({ source }) => source.path === 'Data.template.json')!.source.path = 'forged.json';
  writeFileSync(file, JSON.stringify(assets));
  writeFileSync(join(release.directory, 'forged.json'), '{"Resources":{"Admin":{"Type":"AWS::IAM::Role"}}}');

  // when
  const published = await bed.run('publish', release, bed.publisher);
  const deployed = await bed.run('deploy', release, bed.deployer);

  // then
  for (const run of [published, deployed]) {
    expect(run).toMatchObject({
      code: 1,
      output: expect.stringMatching(
        /Data: asset [0-9a-f]{64} \(\S+forged\.json\) goes to s3:\S+, where the template \S+Data\.template\.json of the stack/,
      ),
    });
  }
  await bed.expectNoStack(release);
});
