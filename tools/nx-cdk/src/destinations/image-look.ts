import { type AwsClients, isAccessDenied } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import type { ImageDestination } from './destination.ts';

/** What is at a destination of an image. `hidden`: the role may not look, so nobody knows. */
export type ImageLook =
  /** `sha256:` and 64 hexadecimal digits. */
  | { readonly state: 'found'; readonly digest: string }
  /** With the failure to tell if there is not even a repository. */
  | { readonly state: 'absent'; readonly noRepository?: Failure }
  | { readonly state: 'hidden'; readonly refusal: unknown };

/**
 * Looks at the image that a tag names: one `DescribeImages`, as in CDK's own tools. Fetching the manifest would count
 * as a pull, by which lifecycle rules and scans go.
 *
 * @throws whatever else the call throws
 */
export async function lookAtImage(aws: Pick<AwsClients, 'ecr'>, destination: ImageDestination): Promise<ImageLook> {
  const [ecr, { DescribeImagesCommand }] = await Promise.all([
    aws.ecr(destination.session),
    import('@aws-sdk/client-ecr'),
  ]);
  const { repository: repositoryName, tag: imageTag, target } = destination;
  try {
    const { imageDetails } = await ecr.send(
      new DescribeImagesCommand({ registryId: target.account, repositoryName, imageIds: [{ imageTag }] }),
    );
    const digest = imageDetails?.[0]?.imageDigest;
    return digest === undefined ? { state: 'absent' } : { state: 'found', digest };
  } catch (error) {
    const { name } = error as Error;
    if (name === 'ImageNotFoundException') return { state: 'absent' };
    if (name === 'RepositoryNotFoundException')
      return { state: 'absent', noRepository: noRepository(destination, error) };
    if (isAccessDenied(error)) return { state: 'hidden', refusal: error };
    throw error;
  }
}

/** There is no such repository: the target is not bootstrapped. */
export function noRepository({ repository, targetName }: ImageDestination, cause?: unknown): Failure {
  const [what, next] = [`There is no repository ${repository}`, 'bootstrap it (nx bootstrap), then publish again'];
  return new Failure('NotBootstrapped', { what, where: targetName, next }, { cause });
}
