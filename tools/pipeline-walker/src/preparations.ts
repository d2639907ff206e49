import { createRequire } from 'node:module';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { run } from '@libs/processes';
import type { ExecutorContext, ProjectConfiguration } from '@nx/devkit';
import { redact } from 'nx-cdk/progress';
import type { Preparation } from './request.ts';

const BOOTSTRAP = 'nx-cdk:bootstrap';
const DEPLOY = 'nx-cdk:deploy';

/**
 * What a pipeline needs before it can be walked: every account and region bootstrapped, and the pipeline itself
 * deployed. Both are Nx's to do, with all that the targets depend on, and both do next to nothing if nothing has
 * changed.
 */
export function preparations(context: ExecutorContext): Preparation[] {
  const projects = Object.entries(context.projectsConfigurations?.projects ?? {});
  const own = context.projectName ?? '';
  const withEnvironments = projects.filter(([, project]) => {
    const target = targetOf(project, BOOTSTRAP);
    return target !== undefined && project.targets?.[target]?.options?.['environmentsFile'] !== undefined;
  });
  // An app of one pipeline alone has no environments: then its own place has to be bootstrapped.
  const toBootstrap = withEnvironments.length > 0 ? withEnvironments : projects.filter(([name]) => name === own);
  const ownProject = context.projectsConfigurations?.projects[own];
  const deploy = ownProject === undefined ? undefined : targetOf(ownProject, DEPLOY);
  const configuration = context.configurationName === undefined ? [] : ['-c', context.configurationName];
  return [
    ...toBootstrap.flatMap(([name, project]): Preparation[] => {
      const target = targetOf(project, BOOTSTRAP);
      if (target === undefined) return [];
      const args = ['run', `${name}:${target}`, ...configuration];
      return [{ label: `bootstrap ${name}`, run: (onLine, signal) => nx(context.root, args, onLine, signal) }];
    }),
    {
      label: `deploy ${own}`,
      run: (onLine, signal) =>
        nx(context.root, ['run', `${own}:${deploy ?? 'deploy'}`, ...configuration], onLine, signal),
    },
  ];
}

/** Name of a project's target of an executor; the one for all environments, which comes first. */
function targetOf(project: ProjectConfiguration, executor: string): string | undefined {
  return Object.entries(project.targets ?? {}).find(([, target]) => target.executor === executor)?.[0];
}

/** Runs Nx below this Nx, and waits for it; returns its exit code. */
async function nx(
  root: string,
  args: readonly string[],
  onLine: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<number> {
  const require = createRequire(join(root, 'package.json'));
  const { bin } = require('nx/package.json') as { bin: Record<string, string> };
  const program = join(require.resolve('nx/package.json'), '..', bin['nx']!);
  const { code } = await run(process.execPath, [program, ...args], {
    cwd: root,
    env: environment(process.env),
    signal,
    stopSignal: 'SIGINT',
    mask: (line) => redact(stripVTControlCharacters(line)),
    onLine,
  });
  return code;
}

/** Without what the outer Nx set for this task alone, which the inner one would take for its own. */
function environment(outer: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const OF_THE_TASK =
    /^NX_(TASK_|INVOKED_|WORKSPACE_ROOT$|PREFIX_OUTPUT$|STREAM_OUTPUT$|LOAD_DOT_ENV|FORKED_|CLI_SET$|VERBOSE_LOGGING$|TERMINAL_|PROJECT_)/;
  const kept = Object.entries(outer).filter(([name]) => !OF_THE_TASK.test(name) && name !== 'FORCE_COLOR');
  return { ...Object.fromEntries(kept), NX_TUI: 'false', NX_DAEMON: 'false' };
}
