import type { AwsClients } from '../aws/index.ts';
import {
  explainRefusal,
  type FileDestination,
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
  | { readonly state: 'other'; readonly found: string };

/** Compares what was seen with what was recorded, any of which it may be. */
export type Comparison = (recorded: readonly PublishedDestination[]) => Promise<Finding>;

/**
 * Looks at an object, before it is known what it should be. It is compared by the first of these that S3 has: the
 * SHA-256 of the whole object, its version, its content. Other checksums do not count: one over parts is none of the
 * content, and weaker ones can be met on purpose
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html). A version never changes.
 *
 * @returns a comparison, which reads the object at most once
 * @throws Failure `BucketRefused` naming role and action if it may not look; so does the comparison
 */
export async function seeObject(aws: AwsClients, destination: FileDestination): Promise<Comparison> {
  const object = await lookAtObject(aws, destination);
  if (object.state === 'absent') return async () => ({ state: 'absent' });
  if (object.state === 'hidden') throw await explainRefusal(aws, destination, object.refusal);
  const { sha256, versionId: version } = object;
  let content: Promise<string | undefined> | undefined;
  return async (recorded) => {
    const objects = recorded.filter((each) => each.kind === 'file');
    // The version `null` is written anew each time.
    const known = version !== undefined && version !== 'null' && objects.some((each) => each.versionId === version);
    if (sha256 === undefined && known) return { state: 'same' };
    const found = sha256 ?? (await (content ??= object.contentSha256()));
    if (found === undefined) return { state: 'absent' };
    return objects.some((each) => each.sha256 === found) ? { state: 'same' } : { state: 'other', found };
  };
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
