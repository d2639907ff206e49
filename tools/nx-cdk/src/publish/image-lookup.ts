import type { Aws } from '../aws/index.ts';
import type { ImageDestination } from './image-list.ts';
import { noRepository } from './registry.ts';

/**
 * The digest of what a destination's tag names; undefined where there is none. `DescribeImages`, as in CDK's own tools: fetching the
 * manifest would count as a pull, by which lifecycle rules and scans go.
 *
 * @throws Failure `NotBootstrapped` where there is no repository; whatever the call throws
 */
export async function digestAt(aws: Aws, destination: ImageDestination): Promise<string | undefined> {
  const [ecr, { DescribeImagesCommand }] = await Promise.all([
    aws.ecr(destination.speaker),
    import('@aws-sdk/client-ecr'),
  ]);
  const { repository, tag, environment } = destination;
  try {
    const { imageDetails } = await ecr.send(
      new DescribeImagesCommand({
        registryId: environment.account,
        repositoryName: repository,
        imageIds: [{ imageTag: tag }],
      }),
    );
    return imageDetails?.[0]?.imageDigest;
  } catch (error) {
    const { name } = error as { name?: string };
    if (name === 'ImageNotFoundException') return undefined;
    if (name === 'RepositoryNotFoundException') throw noRepository(destination, error);
    throw error;
  }
}
