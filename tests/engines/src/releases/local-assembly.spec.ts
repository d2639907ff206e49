import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAssembly } from 'nx-cdk/src/assembly/index.ts';
import { recordsOf } from './bucket-contents.ts';
import { makeRelease, openReleaseBed, type ReleaseBed, type TestRelease } from './release-bed.ts';

let bed: ReleaseBed;

beforeAll(async () => {
  bed = await openReleaseBed();
});

afterAll(() => bed?.close());

/** Flips one bit of a file of the assembly. */
function flip(file: string, at = 0.5): void {
  const content = readFileSync(file);
  content[Math.floor(content.length * at)]! ^= 1;
  writeFileSync(file, content);
}

/** A file of the assembly, in any of its folders. */
function find({ directory }: TestRelease, name: RegExp): string {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return join(
    directory,
    files.find((file) => name.test(file))!,
  );
}

/** Changes a text in a file to another one of the same length. */
function exchange(file: string, from: string, to: string): void {
  expect(to).toHaveLength(from.length);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
}

interface Tampering {
  readonly name: string;
  readonly what: string;
  readonly how: (release: TestRelease) => void;
  readonly sentence: RegExp;
}

const IS_OTHER = 'is not what it is in release [0-9a-f]{12}: find out who changed it after the synthesis';

const TAMPERINGS: readonly Tampering[] = [
  {
    name: 'LocalTemplate',
    what: 'a template',
    how: (release) => exchange(find(release, /^Service\.template\.json$/), 'AWS::SQS::Queue', 'AWS::SQS::Queux'),
    sentence: new RegExp(`Service\\.template\\.json ${IS_OTHER}`),
  },
  {
    name: 'LocalFolder',
    what: 'a file of a folder that is zipped',
    how: (release) => flip(find(release, /more\.mjs$/)),
    sentence: new RegExp(`asset\\.[0-9a-f]+ ${IS_OTHER}`),
  },
  {
    name: 'LocalFile',
    what: 'a file that is an asset',
    how: (release) => flip(find(release, /^asset\.[0-9a-f]+\.txt$/)),
    sentence: new RegExp(`asset\\.[0-9a-f]+\\.txt ${IS_OTHER}`),
  },
  {
    name: 'LocalManifest',
    what: 'the manifest of the assembly',
    how: (release) =>
      exchange(
        find(release, /^manifest\.json$/),
        '"stackName": "LocalManifest-Data"',
        '"stackName": "LocalManifest-Dota"',
      ),
    sentence: new RegExp(`manifest\\.json ${IS_OTHER}`),
  },
  {
    name: 'LocalAssets',
    what: 'an asset manifest',
    how: (release) =>
      exchange(find(release, /^Service\.assets\.json$/), 'cdk-hnb659fds-assets-', 'cdk-hnb659fds-assetz-'),
    sentence: new RegExp(`Service\\.assets\\.json ${IS_OTHER}`),
  },
  {
    name: 'LocalMore',
    what: 'a file that was added',
    how: ({ directory }) => writeFileSync(join(directory, 'more.sh'), '#!/bin/sh\n'),
    sentence: /more\.sh is not in release [0-9a-f]{12}: find out who changed it after the synthesis/,
  },
  {
    name: 'LocalRelease',
    what: 'release.json',
    how: ({ directory, manifest }) => {
      const { sha256 } = manifest.stacks['Service']!;
      exchange(join(directory, 'release.json'), sha256, `${sha256.startsWith('0') ? '1' : '0'}${sha256.slice(1)}`);
    },
    sentence: /release\.json was changed after the synthesis: its digest is not that of what it holds/,
  },
];

test.each(TAMPERINGS)('where one byte of $what differs, it is neither published nor deployed', async (tampering) => {
  // given
  const release = await makeRelease(bed, tampering.name);
  readAssembly(release.directory);

  // when
  tampering.how(release);
  const published = await bed.run('publish', release, bed.publisher);

  // then
  expect(published).toMatchObject({ code: 1, output: expect.stringMatching(tampering.sentence) });
  expect(await recordsOf(bed.s3, release)).toEqual([]);

  // given a release that was published before somebody changed it
  const good = await makeRelease(bed, tampering.name);
  expect(await bed.run('publish', good, bed.publisher)).toEndWith(0);
  tampering.how(good);

  // when
  const deployed = await bed.run('deploy', good, bed.deployer);

  // then
  expect(deployed).toMatchObject({ code: 1, output: expect.stringMatching(tampering.sentence) });
  await bed.expectNoStack(good);
});

test('an assembly that was changed and described anew is another release, which nobody has published', async () => {
  // given
  const release = await makeRelease(bed, 'Described');
  await bed.run('publish', release, bed.publisher, { signingKey: bed.key });

  // when somebody changes the template and release.json with it
  const other = await makeRelease(bed, 'Described', { visibility: 31 });
  const { code, output } = await bed.run('deploy', other, bed.deployer, { signingKey: bed.key });

  // then
  expect(other.manifest.digest).not.toBe(release.manifest.digest);
  expect({ code, output }).toMatchObject({
    code: 1,
    output: expect.stringMatching(/Data: release [0-9a-f]{12} is not published/),
  });
  await bed.expectNoStack(other);
});
