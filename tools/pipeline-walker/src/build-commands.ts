import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Denial, denialIn, Failure, FAILURES_FILE_VARIABLE, readFailures } from 'nx-cdk/failure';
import { redact } from 'nx-cdk/progress';
import { runPhases } from './build-phases.ts';
import type { Buildspec } from './buildspec.ts';
import { nameOf } from './sessions.ts';
import { Shell } from './shell.ts';
import type { RunningBuild } from './walk.ts';

/**
 * Runs the commands of a build.
 *
 * @returns all variables, credentials included
 * @throws Failure `BuildFailed` naming the command and the permission that it lacks; `TimedOut`; `Interrupted`
 */
export async function runCommands(
  { walk, action, project, log, folders }: RunningBuild,
  spec: Buildspec,
  env: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const minutes = Math.min(project.timeoutInMinutes ?? 60, action.timeoutInMinutes ?? Number.POSITIVE_INFINITY);
  const late = AbortSignal.timeout(minutes * 60_000);
  const stop = walk.signal === undefined ? late : AbortSignal.any([late, walk.signal]);
  // Commands of nx-cdk write their failures as data; other programs print what AWS says.
  const failures = join(folders.scratch, 'failures.jsonl');
  let quoted: Denial | undefined;
  let denied: Denial | undefined;
  const shell = new Shell({
    cwd: folders.source,
    scratch: folders.scratch,
    env: { ...env, [FAILURES_FILE_VARIABLE]: failures },
    onLine: (line) => {
      // The first denial is the cause; later ones are its consequences.
      quoted ??= denialIn(line);
      log.write(line);
      action.say(line);
    },
  });
  const watched = {
    get env() {
      return shell.env;
    },
    run: async (command: string, signal?: AbortSignal) => {
      quoted = undefined;
      const code = await shell.run(command, signal);
      const told = readFailures(failures).find((failure) => failure.denied !== undefined)?.denied;
      rmSync(failures, { force: true });
      if (code !== 0) denied ??= told ?? quoted;
      return code;
    },
  };
  try {
    const failed = await runPhases(spec, watched, (text) => log.write(redact(text)), stop);
    if (walk.signal?.aborted) {
      throw new Failure('Interrupted', { what: 'It was interrupted; what it had started was ended' });
    }
    if (late.aborted) {
      throw new Failure('TimedOut', {
        what: `The build took longer than the ${minutes} minutes that it may`,
        next: 'make it faster, or allow more',
      });
    }
    if (failed === undefined) return shell.env;
    const { phase, command, code } = failed;
    const what = `the command ${JSON.stringify(firstLine(command))} of the phase ${phase} ended with exit code ${code}`;
    if (denied === undefined) throw new Failure('BuildFailed', { what });
    const denial = { role: nameOf(action.role), ...denied };
    const on = denial.resource === undefined ? '' : ` on ${denial.resource}`;
    const why = `${denial.role} may not ${denial.action}${on}`;
    throw new Failure('BuildFailed', { what: `${what}, because ${why}` }, { denied: denial });
  } finally {
    shell.dispose();
  }
}

function firstLine(text: string): string {
  const [line = '', ...rest] = text.trim().split('\n');
  return rest.length === 0 && line.length <= 80 ? line : `${line.slice(0, 80)} ...`;
}
