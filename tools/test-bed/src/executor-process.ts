import { join } from 'node:path';
import { KEPT_CODE, QUICK_SYNTHESIS } from './clean-environment.ts';
import { type StartedProcess, startProcess } from './process.ts';
import { CHECKOUT } from './workspace-copy.ts';

const PROGRAM = join(CHECKOUT, 'tools', 'test-bed', 'src', 'run-executors.ts');

/** An executor and its options, as Nx hands them over. */
export type Step = readonly [executor: string, options: object];

/**
 * Runs executors one after the other, in a process of their own.
 *
 * @param root the workspace; the app `shop` is in `apps/shop`
 */
export function startExecutors(
  root: string,
  steps: readonly Step[],
  environment: Readonly<Record<string, string>>,
): StartedProcess {
  // Nobody is there to be asked.
  const approved = (executor: string, options: object) => (executor === 'deploy' ? { yes: true, ...options } : options);
  const args = steps.flatMap(([executor, options]) => [executor, JSON.stringify(approved(executor, options))]);
  return startProcess(process.execPath, ['--no-warnings', PROGRAM, root, 'shop', ...args], {
    cwd: root,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: root,
      AWS_EC2_METADATA_DISABLED: 'true',
      ...QUICK_SYNTHESIS,
      ...KEPT_CODE,
      ...environment,
    },
  });
}

/** Publishes and deploys an assembly. */
export function shipInProcess(
  root: string,
  assembly: string,
  environment: Readonly<Record<string, string>>,
): StartedProcess {
  return startExecutors(
    root,
    [
      ['publish', { assembly }],
      ['deploy', { assembly }],
    ],
    environment,
  );
}
