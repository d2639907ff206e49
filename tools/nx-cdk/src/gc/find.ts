import type { AwsClients } from '../aws/index.ts';
import { bucketOf, explainObjectError } from '../destinations/index.ts';
import { imagePlace, objectPlace } from '../release/index.ts';
import type { GarbagePlace } from './places.ts';
import type { GarbageItem } from './request.ts';

/** Everything in a bucket, page by page: whatever it holds, no more than a page of it is in memory. */
export async function* filesIn(aws: AwsClients, place: GarbagePlace): AsyncGenerator<GarbageItem> {
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const s3 = await aws.s3(place.session);
  for (let token: string | undefined; ;) {
    const question = { ...bucketOf(place), ContinuationToken: token };
    const page = await s3.send(new ListObjectsV2Command(question)).catch(async (error: unknown) => {
      throw await explainObjectError(aws, { ...place, key: '' }, error);
    });
    for (const { Key: key = '', Size: bytes = 0, LastModified } of page.Contents ?? []) {
      const writtenAt = LastModified?.getTime() ?? Number.POSITIVE_INFINITY;
      yield { kind: 'file', name: key, place: objectPlace(place.bucket, key), bytes, writtenAt };
    }
    token = page.NextContinuationToken;
    if (token === undefined) return;
  }
}

/** Every tag in a repository, page by page. An image without a tag is none of ours. */
export async function* imagesIn(aws: AwsClients, place: GarbagePlace): AsyncGenerator<GarbageItem> {
  const { DescribeImagesCommand } = await import('@aws-sdk/client-ecr');
  const ecr = await aws.ecr(place.session);
  const where = { registryId: place.target.account, repositoryName: place.repository, maxResults: 1000 };
  for (let token: string | undefined; ;) {
    const page = await ecr.send(new DescribeImagesCommand({ ...where, nextToken: token })).catch((error: Error) => {
      if (error.name === 'RepositoryNotFoundException') return { imageDetails: [], nextToken: undefined };
      throw error;
    });
    for (const { imageTags: tags = [], imageSizeInBytes: size = 0, imagePushedAt } of page.imageDetails ?? []) {
      for (const tag of tags) {
        const writtenAt = imagePushedAt?.getTime() ?? Number.POSITIVE_INFINITY;
        const bytes = tags.length === 1 ? size : 0;
        yield {
          kind: 'image',
          name: tag,
          place: imagePlace(place.target.region, place.repository, tag),
          bytes,
          writtenAt,
        };
      }
    }
    token = page.nextToken;
    if (token === undefined) return;
  }
}
