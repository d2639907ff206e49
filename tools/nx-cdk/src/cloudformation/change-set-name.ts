import { hash } from 'node:crypto';

/**
 * Names that an earlier version wrote have no release, or end after the time. Nothing else in a name begins with an R:
 * names of instances have lower-case letters only.
 */
const NAME = /^nx-cdk-([0-9a-f]{32})-([0-9a-z]+)(?:-R([0-9a-f]{16}))?(?:-([0-9a-f]{12})(?:-([a-zA-Z0-9-]+))?)?$/;

/** How many digits of the digest of a release a name has: so many that nobody makes a second one by chance. */
const RELEASE_DIGITS = 16;

/**
 * How long the name of a change set may be
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html).
 */
const LONGEST = 128;

/** Which app of which workspace deploys a stack. */
export interface StackOwner {
  /** 12 hexadecimal digits that stand for the workspace and the project. */
  readonly id: string;
  /** What is known of one instance of an app that exists many times: letters, digits and hyphens. @default none */
  readonly more?: string;
}

/** What the name of one of our change sets says. */
export interface ChangeSetFacts {
  /** What is in it: the digest of the desired stack. */
  readonly digest: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The first 16 digits of the release that it came with; absent if nobody knows. */
  readonly release?: string;
  /** The id of the stack's owner; absent if nobody is named. */
  readonly owner?: string;
  /** As in `StackOwner`. */
  readonly more?: string;
}

/** What else the name of a change set says. */
export interface ChangeSetOrigin {
  /** Digest of the release. @default - the name says none */
  readonly release?: string;
  /** @default - the name says none */
  readonly owner?: StackOwner;
}

/**
 * `nx-cdk-<digest>-<time>-R<release>-<owner>-<more>` says what is in a change set, when it was created, which release
 * it came with, and whose stack it is. The time makes the name new with each attempt, so if a name is taken, it is by
 * this attempt, and its first answer got lost. DescribeStacks tells the name of the change set that was executed last.
 *
 * @throws RangeError if CloudFormation would not take such a name, or it could not be read again
 */
export function changeSetName(digest: string, now: number, { release, owner }: ChangeSetOrigin = {}): string {
  const from = release && `R${release.slice(0, RELEASE_DIGITS)}`;
  const parts = ['nx-cdk', digest, Math.round(now).toString(36), from, owner?.id, owner?.more];
  const name = parts.filter((part) => part !== undefined).join('-');
  if (name.length <= LONGEST && NAME.test(name)) return name;
  throw new RangeError(`"${name}" cannot be the name of a change set`);
}

/** What a change set ARN says; undefined for a change set that is not ours. */
export function parseChangeSetName(changeSetId: string | undefined): ChangeSetFacts | undefined {
  const [isOurs, digest, time, release, owner, more] = NAME.exec(nameOfChangeSet(changeSetId)) ?? [];
  if (isOurs === undefined) return undefined;
  return {
    digest: digest!,
    createdAt: Number.parseInt(time!, 36),
    ...(release !== undefined && { release }),
    ...(owner !== undefined && { owner }),
    ...(more !== undefined && { more }),
  };
}

/**
 * The owner of the stacks of a project.
 *
 * @param workspace name of the workspace, which tells it from another one that has a project of this name
 */
export function stackOwner(workspace: string, project: string): StackOwner {
  return { id: hash('sha256', JSON.stringify([workspace, project])).slice(0, 12) };
}

/** What is known of an instance of an app that exists many times. */
export interface InstanceFacts {
  /** Its name, which also says whose it is: `ada`. */
  readonly instance: string;
  /** Milliseconds since the epoch, to the second. @default - it does not expire */
  readonly expiresAt?: number;
  /** The commit that was deployed: its first 12 hexadecimal digits. @default - nobody knows */
  readonly commit?: string;
}

const NO_COMMIT = '0'.repeat(12);

/** The owner of the stacks of one instance. `more` is `<instance>-<expiry, or 0>-<commit>`; see `parseInstance`. */
export function ownerOfInstance({ id }: StackOwner, { instance, expiresAt, commit }: InstanceFacts): StackOwner {
  const expiry = expiresAt === undefined ? '0' : Math.round(expiresAt / 1000).toString(36);
  return { id, more: `${instance}-${expiry}-${(commit ?? NO_COMMIT).slice(0, 12)}` };
}

/** What `more` of an owner, or of the name of a change set, says; undefined for what belongs to no instance. */
export function parseInstance(more: string | undefined): InstanceFacts | undefined {
  const [, instance, expiry, commit] = /^(.+)-([0-9a-z]+)-([0-9a-f]{12})$/.exec(more ?? '') ?? [];
  if (instance === undefined) return undefined;
  return {
    instance,
    ...(expiry !== '0' && { expiresAt: Number.parseInt(expiry!, 36) * 1000 }),
    ...(commit !== NO_COMMIT && { commit }),
  };
}

/** `arn:aws:cloudformation:<region>:<account>:changeSet/<name>/<uuid>` -> `<name>` */
export function nameOfChangeSet(changeSetId: string | undefined): string {
  return changeSetId?.split('/')[1] ?? '';
}

/** A token for an operation that has no change set; new with each attempt, different for each stack. */
export function operationToken(verb: string, stackId: string, now: number): string {
  const stack = hash('sha256', stackId).slice(0, 32);
  return `nx-cdk-${verb}-${stack}-${Math.round(now).toString(36)}`;
}
