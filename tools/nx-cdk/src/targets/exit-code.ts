import type { PostTasksExecutionContext, ProjectGraph } from '@nx/devkit';
import { readCommandLine } from './command-line.ts';

/** The first version of Nx that tells a task that was left undone from one that was interrupted. */
const TELLS_SKIPPED = 24;

/** What of the Nx of the workspace is needed. */
export interface InstalledNx {
  readonly version: string;
  readonly readCachedProjectGraph: () => Pick<ProjectGraph, 'nodes'>;
}

/**
 * Gives a failed command the exit code of a failure. Nx 22 and 23 take a command for interrupted, and exit with 130, if
 * a failed task left others undone (`didCommandComplete` in their run-command.js wants a result of every task, and a
 * skipped one has none): to a script that reads the exit code, a refused publish would look like Ctrl-C.
 *
 * An error of a hook is what ends Nx with 1 wherever its plugins run: in its own process, in one of theirs, behind the
 * daemon (`handleErrors` around the hooks). Commands without a target of this plugin are left as they are.
 *
 * @param loadNx only called if a task has failed
 * @throws Error that says which tasks failed
 */
export async function failAsFailure(
  { argv, taskResults }: Pick<PostTasksExecutionContext, 'argv' | 'taskResults'>,
  loadNx: () => Promise<InstalledNx>,
): Promise<void> {
  const results = Object.values(taskResults);
  const failed = results.filter(({ status }) => status === 'failure');
  // After Ctrl-C, Nx calls what ran then stopped.
  const interrupted = results.some(({ status }) => status === 'stopped');
  if (failed.length === 0 || interrupted) return;
  const { targets, single } = readCommandLine(argv);
  // All was done that was asked for; what it depends on was done before.
  if (single && results.some(({ task }) => targets.includes(task.target.target))) return;
  const nx = await loadNx();
  if (Number.parseInt(nx.version) >= TELLS_SKIPPED) return;
  const isOurs = (name: string, executor = '') => targets.includes(name) && executor.startsWith('nx-cdk:');
  const ours = Object.values(nx.readCachedProjectGraph().nodes).some(({ data }) =>
    Object.entries(data.targets ?? {}).some(([name, { executor }]) => isOurs(name, executor)),
  );
  if (!ours) return;
  const names = failed.map(({ task }) => `${task.target.project}:${task.target.target}`);
  const error = new Error(`Failed: ${names.toSorted().join(', ')}. What depends on it was not run.`);
  // Where this happened would only hide what happened.
  error.stack = '';
  throw error;
}
