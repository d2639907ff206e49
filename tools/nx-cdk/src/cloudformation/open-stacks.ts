import type { AssemblyStack } from '../assembly/index.ts';
import type { AwsClients } from '../aws/index.ts';
import { CloudFormation } from './client.ts';
import type { DescribedStack } from './described-stack.ts';
import type { Clock } from './clock.ts';
import { type ResolvedStack, resolveStack, type StackRole } from './resolved-stack.ts';
import { Snapshot, type SnapshotOptions } from './snapshot.ts';
import { Watch } from './watch.ts';

/** A stack, and what talks to CloudFormation about it: shared by all stacks that one role reaches in one target. */
export interface OpenedStack {
  readonly resolved: ResolvedStack;
  readonly cloudFormation: CloudFormation;
  readonly snapshot: Snapshot;
  readonly watch: Watch;
}

/** What every report says of a stack. */
export interface StackFacts {
  readonly id: string;
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
}

/** The stacks of a run. One that cannot be resolved stops no other. */
export class OpenedStacks {
  readonly #opened: ReadonlyMap<string, OpenedStack>;
  readonly #errors: ReadonlyMap<string, unknown>;

  constructor(opened: ReadonlyMap<string, OpenedStack>, errors: ReadonlyMap<string, unknown>) {
    this.#opened = opened;
    this.#errors = errors;
  }

  /** Those that could be resolved, in the order of the assembly. */
  get all(): readonly OpenedStack[] {
    return [...this.#opened.values()];
  }

  /** @throws what kept the stack from being resolved */
  get(id: string): OpenedStack {
    const opened = this.#opened.get(id);
    if (opened === undefined) throw this.#errors.get(id);
    return opened;
  }

  /** The stack as it is; undefined if there is none. @throws what kept the stack from being resolved or read */
  async read({ id, stackName }: AssemblyStack): Promise<DescribedStack | undefined> {
    return this.get(id).snapshot.read(stackName);
  }

  /** `111111111111/eu-west-1`; undefined for a stack that cannot be resolved. */
  targetOf(id: string): string | undefined {
    return this.#opened.get(id)?.resolved.targetName;
  }

  facts({ id, stackName, target }: AssemblyStack): StackFacts {
    const { account, region } = this.#opened.get(id)?.resolved ?? target;
    return { id, stackName, account, region };
  }
}

/** How stacks are opened. */
export interface OpenOptions extends SnapshotOptions {
  /** Who makes the requests. @default 'deploy' */
  readonly role?: StackRole;
}

/** Resolves stacks, and makes clients for them. */
export async function openStacks(
  stacks: readonly AssemblyStack[],
  aws: AwsClients,
  clock: Clock,
  options: OpenOptions = {},
): Promise<OpenedStacks> {
  const resolved: ResolvedStack[] = [];
  const errors = new Map<string, unknown>();
  for (const stack of stacks) {
    await resolveStack(stack, aws, options.role).then(
      (one) => resolved.push(one),
      (error: unknown) => errors.set(stack.id, error),
    );
  }
  const bySession = Map.groupBy(resolved, ({ sessionKey }) => sessionKey);
  const clients = new Map(
    [...bySession].map(([key, group]) => {
      const cloudFormation = new CloudFormation(aws, group[0]!.session, clock);
      const names = group.map(({ stack }) => stack.stackName);
      const snapshot = new Snapshot(cloudFormation, names, options);
      return [key, { cloudFormation, snapshot, watch: new Watch(cloudFormation) }];
    }),
  );
  const opened = resolved.map((one) => [one.stack.id, { resolved: one, ...clients.get(one.sessionKey)! }] as const);
  return new OpenedStacks(new Map(opened), errors);
}
