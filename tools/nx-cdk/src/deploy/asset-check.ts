import type { AwsClients } from '../aws/index.ts';
import type { ResolvedStack } from '../cloudformation/index.ts';
import {
  type Destination,
  destinationsOf,
  type FileDestination,
  type ImageDestination,
  lookAtImage,
  lookAtObject,
} from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';

/** What is known of a destination. `hidden` is no proof of absence: CloudFormation will find out. */
type State = 'found' | 'absent' | 'hidden';

/**
 * Looks whether the assets of a stack are published, before CloudFormation trips over a missing one half-way. Each
 * destination is looked at once a run, with the deploy role: the only one that a deployment has.
 *
 * The deploy role of CDK's bootstrap may not read ECR. Asking with another role would give this step one more than it
 * should have; to have images checked, let the deploy role `ecr:DescribeImages`. After one refusal a target is not
 * asked for images again in this run: it would cost a request an image, and a line in somebody's audit log.
 */
export class AssetCheck {
  readonly #aws: AwsClients;
  readonly #looks = new Map<string, Promise<State>>();
  /** The first look at an image of each target, which finds out for all whether the role may look. */
  readonly #firstImages = new Map<string, Promise<State>>();

  constructor(aws: AwsClients) {
    this.#aws = aws;
  }

  /**
   * The template is not looked at: CloudFormation reads it first thing and says so. Nor is an image in another region,
   * which a deployment of this stack has no role for.
   *
   * @throws Failure `AssetMissing` naming the asset and the bucket or repository
   */
  async verify({ stack, template, region, session }: ResolvedStack): Promise<void> {
    const { files, images } = await destinationsOf(stack, this.#aws, session);
    const needed = [
      ...files.filter(({ bucket, key }) => bucket !== template?.bucket || key !== template.key),
      ...images.filter(({ target }) => target.region === region),
    ];
    const states = await Promise.all(needed.map((destination) => this.#stateOf(destination)));
    const absent = needed[states.indexOf('absent')];
    if (absent === undefined) return;
    throw absent.kind === 'file'
      ? missing(stack.id, `asset ${absent.label}`, `bucket ${absent.bucket}`)
      : missing(stack.id, `image ${absent.label}`, `repository ${absent.repository}`);
  }

  /**
   * Turns CloudFormation's complaint about a template that it cannot read into one that names the way out; returns any
   * other error as it is.
   */
  async explain({ stack, template, account, region, session }: ResolvedStack, error: unknown): Promise<unknown> {
    const complaint = /S3 error|TemplateURL|Template not found/i;
    if (!template || !complaint.test((error as Error | undefined)?.message ?? '')) return error;
    const object = { ...template, target: { account, region }, session };
    const look = await lookAtObject(this.#aws, object, { checksum: false }).catch(() => undefined);
    return look?.state === 'absent' ? missing(stack.id, 'its template', `bucket ${template.bucket}`, error) : error;
  }

  #stateOf(destination: Destination): Promise<State> {
    const { id } = destination;
    const look =
      this.#looks.get(id) ?? (destination.kind === 'file' ? this.#file(destination) : this.#image(destination));
    this.#looks.set(id, look);
    return look;
  }

  async #file(destination: FileDestination): Promise<State> {
    return (await lookAtObject(this.#aws, destination, { checksum: false })).state;
  }

  async #image(destination: ImageDestination): Promise<State> {
    const { targetName } = destination;
    const first = this.#firstImages.get(targetName);
    // A call that failed otherwise says nothing about the permission: the next one asks for itself.
    if ((await first?.catch(() => undefined)) === 'hidden') return 'hidden';
    const look = lookAtImage(this.#aws, destination).then(({ state }) => state);
    if (first === undefined) this.#firstImages.set(targetName, look);
    return look;
  }
}

function missing(subject: string, what: string, where: string, cause?: unknown): Failure {
  const next = 'run publish first (nx publish <project>)';
  return new Failure('AssetMissing', { subject, what: `${what} is not`, where, next }, { cause });
}
