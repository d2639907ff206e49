import type { Assembly } from '../assembly/index.ts';
import type { EngineDependencies } from '../aws/index.ts';
import {
  type DescribedStack,
  heldNames,
  isOwnedBy,
  leftBehindStack,
  type LeftBehindStack,
  likeness,
  type OpenedStack,
  type OpenedStacks,
  type ResolvedStack,
  type StackOwner,
} from '../cloudformation/index.ts';
import { count, type Listener } from '../progress/index.ts';

/** What a run has seen of stacks that its app left behind. Plain data. */
export interface LeftBehindReport {
  /** By target and name. */
  readonly stacks: readonly LeftBehindStack[];
  /** Targets of which not all stacks were seen: `111111111111/eu-west-1`. */
  readonly notAllSeen: readonly string[];
}

/** Which stacks a snapshot has to remember besides its own: those that may turn out to be left behind. */
export function othersOf(owner: StackOwner | undefined): ((stack: DescribedStack) => boolean) | undefined {
  // An instance of an app is not the app: who works on one has nothing left behind.
  return owner === undefined || owner.more !== undefined ? undefined : (stack) => isOwnedBy(stack, owner);
}

/** A stack that was left behind, and a stack of the run that the same role deploys in the same target. */
interface Found {
  readonly stack: DescribedStack;
  readonly beside: OpenedStack;
}

/** Templates that are compared with a new one. A run with so many of them is no renaming. */
const MAXIMUM_COMPARED = 20;

/**
 * What an app left behind in the targets of a run, as far as the run sees it anyway: nothing is asked for, but the
 * templates of these stacks if a new stack may be one of them under another name.
 */
export class LeftBehind {
  readonly #assembly: Assembly;
  readonly #opened: OpenedStacks;
  readonly #isSought: boolean;
  readonly #listener: Listener;
  readonly #names: () => ReturnType<typeof heldNames>;
  readonly #templates = new Map<string, Promise<string | undefined>>();

  /** @param owner of the stacks of the run. @default - nothing is said to be left behind */
  constructor(
    { assembly, owner }: { readonly assembly: Assembly; readonly owner?: StackOwner },
    opened: OpenedStacks,
    { aws, listener }: EngineDependencies,
  ) {
    this.#assembly = assembly;
    this.#opened = opened;
    this.#isSought = othersOf(owner) !== undefined;
    this.#listener = listener;
    let names: ReturnType<typeof heldNames> | undefined;
    this.#names = () => (names ??= heldNames(assembly.stacks, aws));
  }

  /** What was seen until now; undefined if nobody is known to own the stacks. */
  async seen(): Promise<LeftBehindReport | undefined> {
    if (!this.#isSought) return undefined;
    const stacks = (await this.#found()).map(({ stack, beside: { resolved } }) =>
      leftBehindStack(stack, resolved.account, resolved.region),
    );
    const notAllSeen = this.#sessions().filter(({ snapshot }) => !snapshot.others.complete);
    return { stacks, notAllSeen: [...new Set(notAllSeen.map(({ resolved }) => resolved.targetName))].sort() };
  }

  /**
   * What to note about a stack that there is none of yet: that it was left behind under another name, and that there
   * would be two of it. It is told at once.
   *
   * @param template the text of its template
   */
  async notesOfNew({ stack, targetName }: ResolvedStack, template: () => string): Promise<string[]> {
    const candidates = (await this.#found()).filter(({ beside }) => beside.resolved.targetName === targetName);
    const [stage] = stack.id.includes('/') ? stack.id.split('/') : [];
    const ids = this.#assembly.stacks.map(({ id }) => id).filter((id) => id.includes('/'));
    const stages = new Set(ids.map((id) => id.split('/')[0]!));
    let former = { name: '', like: 0 };
    for (const { stack: one, beside } of candidates.slice(0, MAXIMUM_COMPARED)) {
      const deployed = await this.#templateOf(one, beside);
      const like = deployed === undefined ? 0 : likeness(template(), deployed, { stage, stages });
      if (like > former.like) former = { name: one.name, like };
    }
    if (former.like === 0) return [];
    const what = `was called ${former.name} before: a deployment creates a second one`;
    const next = `To keep the first one, set stackName: '${former.name}', or move its resources (nx refactor <project>).`;
    const text = `${stack.id} (${targetName}) ${what}. ${next}`;
    this.#listener({ type: 'message', level: 'warning', id: stack.id, text });
    return [what];
  }

  async #found(): Promise<Found[]> {
    const seen = this.#sessions().flatMap((beside) =>
      beside.snapshot.others.stacks.map((stack) => ({ stack, beside })),
    );
    if (seen.length === 0) return [];
    const isHeld = await this.#names();
    // Several roles may have seen the same stack.
    const byId = new Map(seen.map((one) => [one.stack.id, one]));
    const key = ({ stack, beside }: Found) => `${beside.resolved.targetName} ${stack.name}`;
    return [...byId.values()]
      .filter(({ stack, beside }) => !isHeld(beside.resolved.targetName, stack.name))
      .sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  /** One stack of the run for each role in each target. */
  #sessions(): OpenedStack[] {
    return [...new Map(this.#opened.all.map((stack) => [stack.snapshot, stack])).values()];
  }

  /** Undefined if it cannot be read: then nothing is said about it. */
  #templateOf({ id }: DescribedStack, { cloudFormation }: OpenedStack): Promise<string | undefined> {
    const template = this.#templates.get(id) ?? cloudFormation.originalTemplate(id).catch(() => undefined);
    this.#templates.set(id, template);
    return template;
  }
}

/** Names the stacks that were left behind, and what can be done about them; and where not all stacks were seen. */
export function tellLeftBehind(report: LeftBehindReport | undefined, listener: Listener): void {
  if (report === undefined) return;
  const { stacks, notAllSeen } = report;
  if (stacks.length > 0) {
    const lines = [`${leftBehindTitle(stacks)}:`, ...stacks.map((stack) => `  ${leftBehindLine(stack)}`)];
    if (stacks.some(({ stays }) => stays === undefined)) lines.push(WAYS_OUT);
    listener({ type: 'message', level: 'warning', text: lines.join('\n') });
  }
  if (notAllSeen.length > 0) listener({ type: 'message', level: 'info', text: notAllSeenSentence(notAllSeen) });
}

const WAYS_OUT =
  'Delete what nobody needs: nx destroy <project> --orphans, or with a deployment: nx deploy <project> --prune.';

/** `1 stack was left behind: the app deployed it, and does not hold it any more` */
export function leftBehindTitle({ length }: { readonly length: number }): string {
  const [was, it] = length === 1 ? ['was', 'it'] : ['were', 'them'];
  return `${count(length, 'stack')} ${was} left behind: the app deployed ${it}, and does not hold ${it} any more`;
}

/** `staging-Old in 111111111111/eu-west-1, last deployed 2026-11-01T10:00:00Z` */
export function leftBehindLine({ stackName, account, region, status, deployedAt, stays }: LeftBehindStack): string {
  const state = /^(CREATE|UPDATE)_COMPLETE$/.test(status) ? '' : `, ${status}`;
  return `${stackName} in ${account}/${region}, last deployed ${deployedAt}${state}${stays === undefined ? '' : `; it stays: ${stays}`}`;
}

function notAllSeenSentence(targets: readonly string[]): string {
  const where = targets.length <= 3 ? targets.join(', ') : `${targets.length} targets`;
  return `Not all stacks in ${where} were looked at, so others may be left behind: nx destroy <project> --orphans --dryRun looks at all.`;
}
