import type { PreTasksExecutionContext, ProjectGraph } from '@nx/devkit';
import { STORED_RELEASE_TARGETS } from '../inputs/index.ts';
import { readCommandLine } from './command-line.ts';

/** Executors that take a named release from where it is stored. */
const TAKING = ['deploy', 'destroy', 'diff', 'plan', 'rollback'];

/**
 * Tells the tasks whether a command takes a release from where it is stored. An option of a command does not reach what
 * Nx runs before its targets.
 *
 * @param readGraph only called if a release is named
 */
export async function tellStoredRelease(
  { argv }: Pick<PreTasksExecutionContext, 'argv'>,
  readGraph: () => Promise<ProjectGraph>,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  // Forgotten always, as in `checkConfiguration`: one command may start another.
  environment[STORED_RELEASE_TARGETS] = '';
  // After `--` too, where options of executors may stand.
  if (!argv.some((arg) => /^--release(=|$)/.test(arg))) return;
  const { targets } = readCommandLine(argv);
  const executors = Object.values((await readGraph()).nodes)
    .flatMap(({ data }) => targets.map((name) => data.targets?.[name]?.executor ?? ''))
    .filter((executor) => executor.startsWith('nx-cdk:'));
  const isTaking = executors.length > 0 && executors.every((executor) => TAKING.includes(executor.split(':')[1]!));
  if (isTaking) environment[STORED_RELEASE_TARGETS] = targets.join(',');
}
