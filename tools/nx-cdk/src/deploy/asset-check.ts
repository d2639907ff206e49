import type { AwsClients } from '../aws/index.ts';
import type { ResolvedStack } from '../cloudformation/index.ts';
import { type Destination, destinationsOf, lookAtImage, lookAtObject } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';

/** What is known of a destination. `hidden` is no proof of absence: CloudFormation will find out. */
type State = 'found' | 'absent' | 'hidden';

/**
 * Checks that the assets of a stack are published, before CloudFormation stops half-way at a missing one. Looks at each
 * destination once a run, with the deploy role: the only one that a deployment has. That of CDK's bootstrap may not
 * `ecr:DescribeImages`: after one refusal, no further request is made for images of that target.
 */
export class AssetCheck {
  readonly #aws: AwsClients;
  readonly #looks = new Map<string, Promise<State>>();
  /** The first look at an image of each target, which shows for all whether the role may look. */
  readonly #firstImages = new Map<string, Promise<State>>();

  constructor(aws: AwsClients) {
    this.#aws = aws;
  }

  /**
   * Leaves out the template, which is sent or which CloudFormation reads first, and images in other regions, for which
   * there is no role.
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
    const [what, where] =
      absent.kind === 'file' ? ['asset', `bucket ${absent.bucket}`] : ['image', `repository ${absent.repository}`];
    throw missing(stack.id, `${what} ${absent.label}`, where);
  }

  /** Turns CloudFormation's error about a template that is not published into `AssetMissing`; returns any other. */
  async explain({ stack, template, account, region, session }: ResolvedStack, error: unknown): Promise<unknown> {
    const complaint = /S3 error|TemplateURL|Template not found/i;
    if (!template || !complaint.test((error as Error | undefined)?.message ?? '')) return error;
    const object = { ...template, target: { account, region }, session };
    const look = await lookAtObject(this.#aws, object, { checksum: false }).catch(() => undefined);
    return look?.state === 'absent' ? missing(stack.id, 'its template', `bucket ${template.bucket}`, error) : error;
  }

  #stateOf(destination: Destination): Promise<State> {
    const look = this.#looks.get(destination.id) ?? this.#look(destination);
    this.#looks.set(destination.id, look);
    return look;
  }

  async #look(destination: Destination): Promise<State> {
    if (destination.kind === 'file') return (await lookAtObject(this.#aws, destination, { checksum: false })).state;
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
