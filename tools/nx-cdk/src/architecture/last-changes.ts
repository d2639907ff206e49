import type { DeployRun } from '../report/index.ts';
import type { Change } from './model.ts';

/** What the last release changed, as far as runs were recorded on this machine. */
export interface LastChanges {
  /** When the newest of its runs began, ISO 8601. */
  readonly startedAt: string;
  /** By the id of the stack. */
  readonly changes: ReadonlyMap<string, Change>;
  /** Whether the newest of its runs failed. */
  readonly hasFailed: boolean;
}

/**
 * What the newest recorded deployment changed, and those of the same release before it: an app is deployed to one
 * environment after the other, and a failed deployment is run again.
 *
 * @param newestFirst deployments of one project; read no further than needed
 */
export async function lastChangesOf(
  newestFirst: AsyncIterable<DeployRun> | Iterable<DeployRun>,
): Promise<LastChanges | undefined> {
  let newest: DeployRun | undefined;
  const changes = new Map<string, Change>();
  for await (const run of newestFirst) {
    const { stacks = [], release } = run.result ?? {};
    // What a dry run reports is planned: it changed nothing.
    if (run.result === undefined || stacks.some(({ outcome }) => outcome === 'planned')) continue;
    if (newest === undefined) newest = run;
    else if (release === undefined || release !== newest.result?.release) break;
    for (const { id, outcome } of stacks) {
      // Created, and updated after that: new in this release.
      if (outcome === 'created' || (outcome === 'updated' && !changes.has(id))) changes.set(id, outcome);
    }
  }
  if (newest === undefined) return undefined;
  return { startedAt: newest.recording.startedAt, changes, hasFailed: !newest.success };
}
