import { hash, randomBytes } from 'node:crypto';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Assembly, type AssemblyStack, readData } from '../assembly/index.ts';
import type { AwsClients } from '../aws/index.ts';
import { resolveStack } from '../cloudformation/index.ts';
import { bucketOf, destinationsOf, explainObjectError, type FileDestination } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import { keyOf, nameIn } from './create.ts';
import { type ReleaseManifest, shortRelease } from './model.ts';

/** CloudFormation takes no larger template; with room to spare. In bytes. */
const LARGEST = 4 * 1024 * 1024;

/**
 * Brings templates of nested stacks to their places in an assembly that came out of a bucket. They are assets, which a
 * bundle does not hold. Reads with the deploy role of the stack: the lookup role of CDK's bootstrap may decrypt
 * nothing, and its bucket is encrypted. Each has to have the SHA-256 that the release lists, also one that is there.
 *
 * Nothing is ever replaced: a release may list an asset at the place of its manifest, which was admitted by then.
 *
 * @throws Failure `AssetMissing`, `AssetReplaced`, `BucketRefused`, ..., and `ReleaseMismatch` if something else is in
 * its place
 */
export function storedTemplates(
  { directory }: Pick<Assembly, 'directory'>,
  manifest: ReleaseManifest,
  aws: AwsClients,
): (stack: AssemblyStack, file: string) => Promise<void> {
  const listed = new Map(manifest.assets.map((asset) => [keyOf(asset), asset.sha256]));
  return async (stack, file) => {
    const asset = stack.files.find(({ source }) => source.path === file && source.packaging === 'file');
    const sha256 = asset && listed.get(keyOf(nameIn(directory, asset)));
    // Whoever reads it says that it is missing.
    if (asset === undefined || sha256 === undefined) return;
    const isIt = (content: Buffer | undefined) => content !== undefined && hash('sha256', content) === sha256;
    if (isIt(await readData(file).catch(() => undefined))) return;
    const { session } = await resolveStack(stack, aws);
    const [place] = (await destinationsOf({ files: [asset], images: [] }, aws, session)).files as [FileDestination];
    const content = await contentOf(place, stack, aws);
    if (!isIt(content)) throw replaced(place, stack, manifest);
    const isWritten = await write(file, content);
    // Another process may have done the same.
    if (!isWritten && !isIt(await readData(file).catch(() => undefined))) throw taken(file, directory, manifest);
  };
}

async function contentOf(place: FileDestination, { id: subject }: AssemblyStack, aws: AwsClients): Promise<Buffer> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  const s3 = await aws.s3(place.session);
  const { Body: body } = await s3
    .send(new GetObjectCommand({ ...bucketOf(place), Key: place.key }))
    .catch(async (error: unknown) => {
      if ((error as Error).name !== 'NoSuchKey') throw await explainObjectError(aws, place, error);
      const parts = { what: `its nested template is not there: ${place.place}`, where: place.targetName };
      throw new Failure('AssetMissing', { subject, ...parts, next: 'run publish first (nx publish <project>)' });
    });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    chunks.push(chunk);
    // What is larger is not it: the digest says so.
    if (size > LARGEST) break;
  }
  return Buffer.concat(chunks);
}

/** Whole or not at all: another process may read it. @returns false if something is there */
async function write(file: string, content: Buffer): Promise<boolean> {
  const next = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(next, content, { flag: 'wx' });
    await link(next, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(next, { force: true });
  }
}

function taken(file: string, directory: string, { digest }: ReleaseManifest): Failure {
  const what = `${file} is not the nested template that release ${shortRelease(digest)} lists`;
  return new Failure('ReleaseMismatch', { what, next: `find out who has changed it, and delete ${directory}` });
}

function replaced({ place }: FileDestination, { id: subject }: AssemblyStack, { digest }: ReleaseManifest): Failure {
  const what = `the object ${place} is not the nested template that release ${shortRelease(digest)} lists`;
  const next = 'somebody has replaced it; publish again (nx publish <project>) after finding out who';
  return new Failure('AssetReplaced', { subject, what, next });
}
