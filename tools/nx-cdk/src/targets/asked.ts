import type { PreTasksExecutionContext } from '@nx/devkit';
import { ASKED_TARGETS } from '../inputs/index.ts';
import { readCommandLine } from './command-line.ts';

/** Tells the tasks which targets the command names; what an outer command named is forgotten. */
export function tellAskedTargets(
  { argv }: Pick<PreTasksExecutionContext, 'argv'>,
  environment: NodeJS.ProcessEnv,
): void {
  environment[ASKED_TARGETS] = readCommandLine(argv).targets.join(',');
}
