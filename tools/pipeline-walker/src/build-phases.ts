import { type Buildspec, PHASES, type PhaseName } from './buildspec.ts';
import type { Shell } from './shell.ts';

/** The command that a build failed with. */
export interface FailedCommand {
  readonly phase: PhaseName;
  readonly command: string;
  readonly code: number;
}

/**
 * Runs the phases of a buildspec as CodeBuild does
 * (https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html): a failed command ends its
 * phase, `finally` always runs, after a failed `build` comes `post_build`, any other failed phase ends the build unless
 * `on-failure` says otherwise. What runs after a failure sees `CODEBUILD_BUILD_SUCCEEDING=0`.
 *
 * @param tell gets a line for each phase and command that starts
 * @returns the first command that failed, or undefined if the build succeeded
 */
export async function runPhases(
  spec: Buildspec,
  shell: Pick<Shell, 'run' | 'env'>,
  tell: (text: string) => void,
  signal?: AbortSignal,
): Promise<FailedCommand | undefined> {
  let failed: FailedCommand | undefined;
  const runAll = async (phase: PhaseName, commands: readonly string[]): Promise<boolean> => {
    for (const command of commands) {
      if (signal?.aborted) return false;
      tell(`Running command ${command}`);
      const code = await shell.run(command, signal);
      shell.env['CODEBUILD_LAST_EXIT'] = String(code);
      if (code === 0) continue;
      shell.env['CODEBUILD_BUILD_SUCCEEDING'] = '0';
      failed ??= { phase, command, code };
      return false;
    }
    return true;
  };
  for (const name of PHASES) {
    const phase = spec.phases[name];
    if (phase === undefined) continue;
    tell(`Entering phase ${name}`);
    const done = await runAll(name, phase.commands);
    const ended = await runAll(name, phase.finally);
    if (done && ended) continue;
    const goesOn = phase.onFailure === 'CONTINUE' || (name === 'build' && phase.onFailure === undefined);
    if (signal?.aborted || !goesOn) break;
  }
  return failed;
}
