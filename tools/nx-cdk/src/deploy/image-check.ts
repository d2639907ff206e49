import { type AwsClients, isAccessDenied } from '../aws/index.ts';
import { nameOf, type ResolvedStack } from '../cloudformation/index.ts';

/**
 * Looks whether images are published, with the deploy role: the only one a deployment has.
 *
 * The deploy role of CDK's bootstrap may not read ECR. Asking with another role would give this step one more than it
 * should have, so a refusal is no proof of absence, and whoever wants the check lets the deploy role
 * `ecr:DescribeImages`. After one refusal an account and region is not asked again in this run: it would cost a request
 * an image, and a line in somebody's audit log.
 */
export class ImageCheck {
  readonly #aws: Pick<AwsClients, 'ecr'>;
  /** Whether an account and region answers; the first who asks finds out for all. */
  readonly #answers = new Map<string, Promise<boolean>>();
  readonly #present = new Map<string, Promise<boolean>>();

  constructor(aws: Pick<AwsClients, 'ecr'>) {
    this.#aws = aws;
  }

  /** False only where the image is known not to be there. */
  async exists(target: ResolvedStack, repository: string, tag: string): Promise<boolean> {
    const place = `${target.account}/${target.region}`;
    const id = `${place} ${repository}:${tag}`;
    const known = this.#present.get(id);
    if (known !== undefined) return known;
    const asked = this.#answers.get(place);
    if (asked !== undefined && !(await asked)) return true;
    const found = this.#look(target, repository, tag);
    // A call that failed otherwise says nothing about the permission: the next one asks for itself.
    if (asked === undefined)
      this.#answers.set(
        place,
        found.then((each) => each !== 'hidden').catch(() => true),
      );
    const present = found.then((each) => each !== 'missing');
    this.#present.set(id, present);
    return present;
  }

  async #look(target: ResolvedStack, repository: string, tag: string): Promise<'there' | 'missing' | 'hidden'> {
    const [ecr, { DescribeImagesCommand }] = await Promise.all([
      this.#aws.ecr(target.session),
      import('@aws-sdk/client-ecr'),
    ]);
    try {
      await ecr.send(
        new DescribeImagesCommand({
          registryId: target.account,
          repositoryName: repository,
          imageIds: [{ imageTag: tag }],
        }),
      );
      return 'there';
    } catch (error) {
      if (['ImageNotFoundException', 'RepositoryNotFoundException'].includes(nameOf(error))) return 'missing';
      if (isAccessDenied(error)) return 'hidden';
      throw error;
    }
  }
}
