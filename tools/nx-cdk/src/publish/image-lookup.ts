import type { AwsClients } from '../aws/index.ts';
import type { ImageDestination } from './image-list.ts';
import { noRepository } from './registry.ts';

/**
 * The digest of what a destination's tag names; undefined where there is none. `DescribeImages`, as in CDK's own tools:
 * fetching the manifest would count as a pull, by which lifecycle rules and scans go.
 *
 * @throws Failure `NotBootstrapped` where there is no repository; whatever the call throws
 */
export async function digestAt(aws: AwsClients, destination: ImageDestination): Promise<string | undefined> {
  const [ecr, { DescribeImagesCommand }] = await Promise.all([
    aws.ecr(destination.session),
    import('@aws-sdk/client-ecr'),
  ]);
  const { repository, tag, target } = destination;
  try {
    const { imageDetails } = await ecr.send(
      new DescribeImagesCommand({
        registryId: target.account,
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

/**
 * As many digests as ECR answers for at a time;
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchCheckLayerAvailability.html
 */
const DIGESTS_AT_ONCE = 100;

/**
 * Those of the blobs that a destination's repository has. ECR tells of all of them in one answer; by the registry's own
 * protocol, each is a request.
 *
 * @param digests layers, configurations
 * @throws Failure `NotBootstrapped` where there is no repository; whatever the call throws
 */
export async function blobsAt(
  aws: AwsClients,
  destination: ImageDestination,
  digests: readonly string[],
): Promise<ReadonlySet<string>> {
  const [ecr, { BatchCheckLayerAvailabilityCommand }] = await Promise.all([
    aws.ecr(destination.session),
    import('@aws-sdk/client-ecr'),
  ]);
  const { repository: repositoryName, target } = destination;
  const there = new Set<string>();
  try {
    for (let first = 0; first < digests.length; first += DIGESTS_AT_ONCE) {
      const layerDigests = digests.slice(first, first + DIGESTS_AT_ONCE);
      const { layers } = await ecr.send(
        new BatchCheckLayerAvailabilityCommand({ registryId: target.account, repositoryName, layerDigests }),
      );
      for (const { layerDigest, layerAvailability } of layers ?? [])
        if (layerAvailability === 'AVAILABLE' && layerDigest !== undefined) there.add(layerDigest);
    }
  } catch (error) {
    if ((error as Error).name === 'RepositoryNotFoundException') throw noRepository(destination, error);
    throw error;
  }
  return there;
}
