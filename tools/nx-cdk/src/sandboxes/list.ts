import type { DeploymentEnvironment, Environments } from '@nx-cdk/environments';
import {
  type DescribedStack,
  type InstanceFacts,
  openStacks,
  parseChangeSetName,
  parseInstance,
  type StackOwner,
  systemClock,
} from '../cloudformation/index.ts';
import type { StackDependencies } from '../deploy/index.ts';
import { placesOf } from './places.ts';

/** Whose instances to look for, and where. */
export interface SandboxesRequest {
  readonly file: Environments;
  /** Environments of the file that have instances. */
  readonly environments: readonly DeploymentEnvironment[];
  /** The app whose instances they are. */
  readonly owner: StackOwner;
}

/** One instance of an environment. Plain data; times are ISO 8601 in UTC, to the second. */
export interface Sandbox {
  readonly environment: string;
  readonly instance: string;
  /** When its first stack was made. */
  readonly createdAt: string;
  /** When the app last changed one of its stacks. */
  readonly deployedAt: string;
  /** The commit that was deployed then: 12 hexadecimal digits. */
  readonly commit?: string;
  /** What that deployment said; absent if it is to stay. */
  readonly expiresAt?: string;
  readonly expired: boolean;
  /** By target and name. */
  readonly stacks: readonly SandboxStack[];
}

/** A stack of an instance. */
export interface SandboxStack {
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly status: string;
}

/** A stack, and what the name of its change set says. */
interface OwnedStack {
  readonly stack: DescribedStack;
  readonly place: Pick<SandboxStack, 'account' | 'region'>;
  readonly environment: string;
  readonly facts: InstanceFacts;
  readonly deployedAt: number;
}

/**
 * Looks at all stacks in the targets for the instances of an app. Reads, and needs no assembly.
 *
 * @param role who reads
 * @throws what keeps a target from being looked at: what is there must not count as not there
 */
export async function listSandboxes(
  { file, environments, owner }: SandboxesRequest,
  { aws, clock = systemClock }: StackDependencies,
  role: 'deploy' | 'lookup',
): Promise<Sandbox[]> {
  const { assembly, environmentOf } = placesOf(file, environments);
  const opened = await openStacks(assembly.stacks, aws, clock, { role });
  const found = await Promise.all(
    assembly.stacks.map(async ({ id }) => {
      const { cloudFormation, resolved } = opened.get(id);
      const { account, region, targetName } = resolved;
      const stacks = await cloudFormation.describeAll((stack) => instanceOf(stack, owner) !== undefined);
      return stacks.map((stack): OwnedStack => ({
        ...{ stack, place: { account, region }, environment: environmentOf(targetName) },
        facts: instanceOf(stack, owner)!,
        deployedAt: parseChangeSetName(stack.changeSetId)!.createdAt,
      }));
    }),
  );
  const order = new Map(environments.map(({ name }, index) => [name, index]));
  return [...Map.groupBy(found.flat(), ({ environment, facts }) => `${environment}/${facts.instance}`).values()]
    .map((stacks) => sandboxOf(stacks, clock.now()))
    .sort((a, b) => order.get(a.environment)! - order.get(b.environment)! || (a.instance < b.instance ? -1 : 1));
}

/**
 * The instance of an app that a stack belongs to; undefined for any other stack. A change set that nobody has executed
 * makes none, and a nested stack goes with the one around it.
 */
export function instanceOf(
  { changeSetId, nested, status }: DescribedStack,
  owner: StackOwner,
): InstanceFacts | undefined {
  const executed = parseChangeSetName(changeSetId);
  if (executed?.owner !== owner.id || nested === true || status === 'REVIEW_IN_PROGRESS') return undefined;
  return parseInstance(executed.more);
}

function sandboxOf(stacks: readonly OwnedStack[], now: number): Sandbox {
  // A deployment leaves what is unchanged as it is, so the stack that was deployed last says what holds for all.
  const last = stacks.reduce((one, other) => (other.deployedAt > one.deployedAt ? other : one));
  const { expiresAt, commit, instance } = last.facts;
  const keyOf = ({ account, region, stackName }: SandboxStack) => `${account}/${region} ${stackName}`;
  return {
    environment: last.environment,
    instance,
    createdAt: timeOf(Math.min(...stacks.map(({ stack }) => stack.createdAt ?? stack.updatedAt))),
    deployedAt: timeOf(last.deployedAt),
    ...(commit !== undefined && { commit }),
    ...(expiresAt !== undefined && { expiresAt: timeOf(expiresAt) }),
    expired: expiresAt !== undefined && expiresAt <= now,
    stacks: stacks
      .map(({ stack, place }) => ({ stackName: stack.name, ...place, status: stack.status }))
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  };
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
