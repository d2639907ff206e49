import { listFolder } from '../assembly/index.ts';
import { hold } from './held.ts';
import { digestOfArchive, largestArchive } from './read-archive.ts';

/** The most that one upload takes (https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html). */
const LARGEST = 5 * 1024 ** 3;

/** What was found in place of an archive. */
interface FoundArchive {
  /** Of its bytes, hexadecimal. Undefined if its size shows that it is something else: it was not read then. */
  readonly sha256: string | undefined;
  /** Of what is in it, as `FolderDigest` has it. Undefined for what cannot hold the files of the folder. */
  readonly digest: string | undefined;
}

/**
 * Finds out what an archive holds that another tool, another machine or a stranger has made of a folder. It is kept in
 * a private file while it is read, if it is large.
 *
 * @param directory undefined where only the digest of the folder is known
 * @param size in bytes @default - it is not known before
 * @returns undefined if there is none any more
 */
export async function compareArchive(
  directory: string | undefined,
  size: number | undefined,
  fetch: () => Promise<AsyncIterable<Uint8Array> | undefined>,
): Promise<FoundArchive | undefined> {
  const files = directory === undefined ? undefined : await listFolder(directory);
  const largest = files === undefined ? LARGEST : largestArchive(files);
  if (size !== undefined && size > largest) return { sha256: undefined, digest: undefined };
  const content = await fetch();
  if (content === undefined) return undefined;
  await using archive = await hold(content);
  return { sha256: archive.sha256, digest: await digestOfArchive(archive, files) };
}
