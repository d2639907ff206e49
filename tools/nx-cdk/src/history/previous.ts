import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { type CloudFormation, parseChangeSetName } from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';

/** Pages of a hundred events that are read of a stack, at most. */
const MOST_PAGES = 20;

/** Statuses of a stack at the end of a deployment that has brought what it should. */
const DONE = ['CREATE_COMPLETE', 'UPDATE_COMPLETE'];
/** Those at its beginning. */
const BEGUN = ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS'];

/** A stack whose past is asked for. */
export interface PastStack {
  readonly cloudFormation: CloudFormation;
  readonly stackName: string;
  readonly stackId: string;
}

/** What was done to a stack once. */
interface Deployment {
  /** The first 16 digits of the release; absent if it was none, or another tool did it. */
  readonly release?: string;
  /** When it began, or, if only CloudFormation knows, ended; in milliseconds since the epoch. */
  readonly at: number;
  /** Whether it came to its end, and was not rolled back. */
  readonly isDone: boolean;
}

/**
 * What an environment had before the release that was deployed last: the newest other release whose deployment came to
 * its end in every stack that it changed. It is in the events of its stacks: each carries the name of the change set
 * as its token. CloudFormation keeps them for 90 days.
 *
 * Takes one request for each stack, and more for those with hundreds of events since.
 *
 * @param last the first 16 digits of the release that was deployed last
 * @returns undefined if no event tells of one
 * @throws Failure `UnknownRelease` if nobody knows what it was
 */
export async function deployedBefore(
  stacks: readonly PastStack[],
  last: string,
): Promise<{ readonly release: string; readonly at: number } | undefined> {
  const pasts = stacks.map((stack) => new Past(stack));
  const skipped = new Set([last]);
  for (;;) {
    const candidates = await Promise.all(pasts.map((past) => past.newestOther(skipped)));
    const newest = candidates
      .filter((one) => one !== undefined)
      .toSorted((one, other) => other.deployment.at - one.deployment.at)[0];
    if (newest === undefined) return undefined;
    const { stackName, deployment } = newest;
    const { release, at } = deployment;
    if (release === undefined) {
      const what = `${stackName} was changed by another tool, or without a release, before ${last.slice(0, 12)}`;
      const next = 'name the release by its digest (nx releases shows them)';
      throw new Failure('UnknownRelease', { what, next });
    }
    if (!pasts.some((past) => past.hasFailedWith(release))) return { release, at };
    skipped.add(release);
  }
}

/** What was done to a stack, the newest first: read as far as somebody asks. */
class Past {
  readonly #stackName: string;
  readonly #unread: AsyncGenerator<Deployment>;
  readonly #read: Deployment[] = [];

  constructor(stack: PastStack) {
    this.#stackName = stack.stackName;
    this.#unread = deploymentsOf(stack);
  }

  /** The newest deployment that came to its end, of another release than some. */
  async newestOther(skipped: ReadonlySet<string>): Promise<{ stackName: string; deployment: Deployment } | undefined> {
    for (let index = 0; ; index += 1) {
      if (index === this.#read.length) {
        const next = await this.#unread.next();
        if (next.done) return undefined;
        this.#read.push(next.value);
      }
      const deployment = this.#read[index]!;
      const isOther = deployment.release === undefined || !skipped.has(deployment.release);
      if (deployment.isDone && isOther) return { stackName: this.#stackName, deployment };
    }
  }

  /** Whether the last attempt with a release, as far as was read, did not come to its end. */
  hasFailedWith(release: string): boolean {
    return this.#read.find((one) => one.release === release)?.isDone === false;
  }
}

async function* deploymentsOf({ cloudFormation, stackId, stackName }: PastStack): AsyncGenerator<Deployment> {
  let isDone = false;
  let token: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { events, next } = await cloudFormation.events(stackId, token);
    for (const event of events) {
      if (event.PhysicalResourceId !== stackId) continue;
      const status = event.ResourceStatus ?? '';
      if (DONE.includes(status)) {
        isDone = true;
        yield deploymentOf(event, true);
      } else if (BEGUN.includes(status)) {
        if (!isDone) yield deploymentOf(event, false);
        isDone = false;
      }
    }
    token = next;
    if (token === undefined) return;
  }
  const what = `${stackName} has so many events that what was deployed before is too far back`;
  throw new Failure('UnknownRelease', { what, next: 'name the release by its digest (nx releases shows them)' });
}

function deploymentOf({ ClientRequestToken, Timestamp }: StackEvent, isDone: boolean): Deployment {
  // A change set is executed with its name as the token.
  const { release, createdAt } = parseChangeSetName(`changeSet/${ClientRequestToken ?? ''}`) ?? {};
  return { isDone, at: createdAt ?? Timestamp?.getTime() ?? 0, ...(release !== undefined && { release }) };
}
