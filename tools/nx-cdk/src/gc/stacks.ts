import pLimit from 'p-limit';
import { CloudFormation, type Clock, type DescribedStack, isInProgress, nameOf } from '../cloudformation/index.ts';
import type { AwsClients, Session } from '../aws/index.ts';
import { addHashes } from './asset-hash.ts';

/** Stacks that are read at a time, in one account and region. */
const AT_ONCE = 10;

/** What all stacks of an account and region need. */
export interface NeededByStacks {
  /** Hashes that templates, change sets or parameters mention. */
  readonly hashes: ReadonlySet<string>;
  /**
   * Stacks whose need is not known: while one is updated, or stuck half-way, it may go back to a template that nobody
   * can read. With the reason, such as `Data (UPDATE_IN_PROGRESS)`.
   */
  readonly unknown: readonly string[];
}

/**
 * Reads all stacks of an account and region, whoever deployed them: their templates, those of change sets that were not
 * executed, and parameters. Parts of other stacks are stacks of their own here.
 */
export async function neededByStacks(aws: AwsClients, session: Session, clock: Clock): Promise<NeededByStacks> {
  const cloudFormation = new CloudFormation(aws, session, clock);
  const hashes = new Set<string>();
  const before = await cloudFormation.describeAll(() => true);
  const vanished = new Set<string>();
  await pLimit(AT_ONCE).map(before, async (stack) => {
    await read(stack, cloudFormation, hashes).catch((error: unknown) => {
      if (!/ValidationError|ChangeSetNotFound/.test(nameOf(error))) throw error;
      // It changed, or is gone: the second look tells.
      vanished.add(stack.id);
    });
  });
  const after = await cloudFormation.describeAll(() => true);
  const known = new Map(before.map((stack) => [stack.id, stack]));
  const unknown = after.flatMap((stack) => {
    const why = whyUnknown(stack, known.get(stack.id)) ?? (vanished.has(stack.id) ? 'it could not be read' : undefined);
    return why === undefined ? [] : [`${stack.name} (${why})`];
  });
  return { hashes, unknown };
}

async function read(stack: DescribedStack, cloudFormation: CloudFormation, hashes: Set<string>): Promise<void> {
  for (const value of Object.values(stack.parameters)) addHashes(value, hashes);
  if (stack.status !== 'REVIEW_IN_PROGRESS') {
    for (const template of await cloudFormation.allTemplates(stack.id)) addHashes(template, hashes);
  }
  for (const changeSet of await cloudFormation.openChangeSets(stack.id)) {
    addHashes(await cloudFormation.originalTemplate(stack.id, changeSet.id), hashes);
    const { parameters } = await cloudFormation.describeChangeSet(changeSet);
    for (const { ParameterValue: value = '' } of parameters) addHashes(value, hashes);
  }
}

/** Where an update may have to be rolled back, to a template that is not the one that is read. */
const HALF_WAY = ['UPDATE_FAILED', 'UPDATE_ROLLBACK_FAILED', 'IMPORT_ROLLBACK_FAILED'];

function whyUnknown(now: DescribedStack, before: DescribedStack | undefined): string | undefined {
  if (isInProgress(now.status) || HALF_WAY.includes(now.status)) return now.status;
  const isSame =
    before?.status === now.status && before.updatedAt === now.updatedAt && before.changeSetId === now.changeSetId;
  return isSame ? undefined : 'it changed while it was read';
}
