import { compareArchive } from '../archives/index.ts';
import type { AwsClients } from '../aws/index.ts';
import {
  explainRefusal,
  type FileDestination,
  type FoundObject,
  type ImageDestination,
  lookAtImage,
  lookAtObject,
} from '../destinations/index.ts';
import { Failure, roleOf } from '../failure/index.ts';
import type { PublishedDestination } from './model.ts';

/** What is at a destination, compared with what was recorded. */
export type Finding =
  | { readonly state: 'same' | 'absent' }
  /** Something else is there: its SHA-256, or the digest of an image. */
  | { readonly state: 'other'; readonly found: string }
  /** It is what was recorded, but not made of what is in the release. */
  | { readonly state: 'contradicts' };

/** Compares what was seen with what was recorded, any of which it may be. */
export type Comparison = (recorded: readonly PublishedDestination[]) => Promise<Finding>;

/** What an archive has to hold, whoever packed it. */
export interface ExpectedArchive {
  /** The folder that it is made of. @default - it is not here, and the archive is fetched */
  readonly directory?: string;
  /** Whether it is fetched with the look, since it is read in any case. @default false */
  readonly isFetched?: boolean;
  /** Of what is in it, as the release has it. */
  readonly digest: string;
  /** SHA-256 of the archive that is made of the folder here; undefined if the folder is not what it has to be. */
  readonly packed: () => Promise<string | undefined>;
  /** Reads an archive with this SHA-256, unless another one with the same was read already. */
  readonly once: (sha256: string, read: () => Promise<Read | undefined>) => Promise<Read | undefined>;
}

/**
 * Looks at an object, before it is known what it should be. It is compared by the SHA-256 of the whole object that S3
 * keeps, else by its content. Other checksums do not count: one over parts is none of the content, and weaker ones can
 * be met on purpose (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html). What a
 * record says of versions does not count either: who wrote the record may have written that version.
 *
 * @param archive if given, the object has to hold that too. Nothing is fetched if it has the bytes that the same files
 * are packed to here; another machine or tool may pack them to others
 * @returns a comparison, which reads the object at most once
 * @throws Failure `BucketRefused` naming role and action if it may not look; so does the comparison
 */
export async function seeObject(
  aws: AwsClients,
  destination: FileDestination,
  archive?: ExpectedArchive,
): Promise<Comparison> {
  const object = await lookAtObject(aws, destination, { fetched: archive?.isFetched });
  if (object.state === 'absent') return async () => ({ state: 'absent' });
  if (object.state === 'hidden') throw await explainRefusal(aws, destination, object.refusal);
  const { sha256, size } = object;
  let reading: Promise<Read | undefined> | undefined;
  const read = () => (reading ??= archive ? compareArchive(archive.directory, size, object.content) : hashed(object));
  if (archive?.isFetched) {
    // Whoever compares is told of a failure.
    await (sha256 === undefined ? read() : archive.once(sha256, read)).catch(() => undefined);
    object.close();
  }
  return async (recorded) => {
    const there = sha256 === undefined ? await read() : { sha256 };
    if (there === undefined) return { state: 'absent' };
    const found = there.sha256;
    const isRecorded = recorded.some((each) => each.kind === 'file' && each.sha256 === found);
    if (found !== undefined && !isRecorded) return { state: 'other', found };
    if (archive === undefined || (found !== undefined && (await archive.packed()) === found)) return { state: 'same' };
    const content = found === undefined ? await read() : await archive.once(found, read);
    if (content === undefined) return { state: 'absent' };
    return content.sha256 === found && content.digest === archive.digest ? { state: 'same' } : { state: 'contradicts' };
  };
}

/** What reading an object shows. */
export interface Read {
  readonly sha256: string | undefined;
  readonly digest?: string | undefined;
}

async function hashed(object: FoundObject): Promise<Read | undefined> {
  const sha256 = await object.contentSha256();
  return sha256 === undefined ? undefined : { sha256 };
}

/** Looks for the image that a tag names. @throws Failure `ImageHidden` naming role and action if it may not look */
export async function seeImage(aws: AwsClients, destination: ImageDestination): Promise<Comparison> {
  const image = await lookAtImage(aws, destination);
  if (image.state === 'absent') return async () => ({ state: 'absent' });
  if (image.state === 'found') {
    const found = image.digest;
    return async (recorded) =>
      recorded.some((each) => each.kind === 'image' && each.digest === found)
        ? { state: 'same' }
        : { state: 'other', found };
  }
  const { repository, targetName, session } = destination;
  const who = session.role === undefined ? 'the caller' : `the role ${session.role.arn}`;
  const what =
    `${who} may not ecr:DescribeImages on ${repository} in ${targetName}, ` +
    'so nobody can tell whether it holds the image that was published';
  const denied = { action: 'ecr:DescribeImages', role: roleOf(session.role?.arn) };
  const next = 'run nx bootstrap, which allows it';
  throw new Failure('ImageHidden', { what, next }, { cause: image.refusal, denied });
}
