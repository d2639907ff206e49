import type { AwsClients } from '../aws/index.ts';
import { bucketOf, explainObjectError } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import type { GarbagePlace } from './places.ts';

/** How many objects one request deletes at most (https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html). */
export const OBJECTS_AT_ONCE = 1000;

/** How many images (https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html). */
export const IMAGES_AT_ONCE = 100;

/**
 * Deletes objects, at most `OBJECTS_AT_ONCE`. A bucket that keeps versions keeps these, as those of the bootstrap do
 * for 30 days.
 *
 * @param limit milliseconds after which the request must not arrive any more
 * @throws Failure `NotDeleted` naming the first that stayed, `BucketRefused`, ...
 */
export async function deleteObjects(
  aws: AwsClients,
  place: GarbagePlace,
  keys: readonly string[],
  limit: number,
): Promise<void> {
  if (keys.length === 0) return;
  const { DeleteObjectsCommand } = await import('@aws-sdk/client-s3');
  const s3 = await aws.s3(place.session);
  const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
  const abortSignal = AbortSignal.timeout(limit);
  const answer = await s3
    .send(new DeleteObjectsCommand({ ...bucketOf(place), Delete }), { abortSignal })
    .catch(async (error: unknown) => {
      throw await explainObjectError(aws, { ...place, key: keys[0]! }, error);
    });
  const [first] = answer.Errors ?? [];
  if (first !== undefined)
    throw notDeleted(`${place.bucket}/${first.Key}`, place, first.Code ?? '', first.Message ?? '');
}

/**
 * Deletes tags of images, at most `IMAGES_AT_ONCE`, and with its last tag the image.
 *
 * @param limit milliseconds after which the request must not arrive any more
 * @throws Failure `NotDeleted` naming the first that stayed
 */
export async function deleteImages(
  aws: AwsClients,
  place: GarbagePlace,
  tags: readonly string[],
  limit: number,
): Promise<void> {
  if (tags.length === 0) return;
  const { BatchDeleteImageCommand } = await import('@aws-sdk/client-ecr');
  const ecr = await aws.ecr(place.session);
  const imageIds = tags.map((imageTag) => ({ imageTag }));
  const input = { registryId: place.target.account, repositoryName: place.repository, imageIds };
  const answer = await ecr.send(new BatchDeleteImageCommand(input), { abortSignal: AbortSignal.timeout(limit) });
  const first = answer.failures?.find(({ failureCode }) => failureCode !== 'ImageNotFound');
  if (first === undefined) return;
  const { imageId, failureCode = '', failureReason = '' } = first;
  throw notDeleted(`${place.repository}:${imageId?.imageTag}`, place, failureCode, failureReason);
}

function notDeleted(name: string, { targetName }: GarbagePlace, code: string, reason: string): Failure {
  const what = `${name} in ${targetName} could not be deleted: ${reason || code}`;
  return new Failure('NotDeleted', { what, next: 'look at the reason, and run it again: the rest is as it was' });
}
