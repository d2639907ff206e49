import { stripVTControlCharacters } from 'node:util';
import { nxProgram, outsideOfNx, run } from '@nx-cdk/processes';
import type { ExecutorContext, ProjectConfiguration } from '@nx/devkit';
import { Failure } from 'nx-cdk/failure';
import { type ItemEnd, type Listener, redact, Run } from 'nx-cdk/progress';

const BOOTSTRAP = 'nx-cdk:bootstrap';
const DEPLOY = 'nx-cdk:deploy';

/** How many of the last lines are shown of a preparation that failed. */
const TAIL = 60;

/** An Nx target that has to run before the walk. */
export interface Preparation {
  /** What people read: `deploy the pipeline`. */
  readonly label: string;
  /** Arguments of Nx. */
  readonly args: readonly string[];
}

/**
 * What a pipeline needs before it can be walked: every account and region bootstrapped, and the pipeline itself
 * deployed. Nx does both, with all that the targets depend on. If nothing has changed, both do next to nothing.
 */
export function preparations({ projectsConfigurations, projectName = '', ...context }: ExecutorContext): Preparation[] {
  const projects = projectsConfigurations?.projects ?? {};
  const withEnvironments = Object.entries(projects).filter(([, project]) => {
    const target = targetOf(project, BOOTSTRAP);
    return target !== undefined && project.targets?.[target]?.options?.['environmentsFile'] !== undefined;
  });
  // An app that has only a pipeline has no environments: then its own account has to be bootstrapped.
  const own = Object.entries(projects).filter(([name]) => name === projectName);
  const configuration = context.configurationName === undefined ? [] : ['-c', context.configurationName];
  const nx = (verb: string, name: string, target: string): Preparation => ({
    label: `${verb} ${name}`,
    args: ['run', `${name}:${target}`, ...configuration],
  });
  return [
    ...(withEnvironments.length > 0 ? withEnvironments : own).flatMap(([name, project]) => {
      const target = targetOf(project, BOOTSTRAP);
      return target === undefined ? [] : [nx('bootstrap', name, target)];
    }),
    nx('deploy', projectName, targetOf(projects[projectName], DEPLOY) ?? 'deploy'),
  ];
}

/**
 * Runs preparations one after the other.
 *
 * @param root of the workspace; absolute
 * @throws Failure `Preparation` naming the first that failed, `Interrupted`
 */
export async function prepare(
  wanted: readonly Preparation[],
  root: string,
  listener: Listener,
  signal: AbortSignal | undefined,
): Promise<void> {
  const subject = wanted.map(({ label }) => label).join(', ');
  const shown = new Run({ listener, action: 'prepare', subject, noun: 'preparation', items: wanted.length });
  for (const { label, args } of wanted) {
    if (signal?.aborted) {
      throw new Failure('Interrupted', { what: 'The walk was interrupted before the pipeline was deployed' });
    }
    const { outcome } = await shown.item<ItemEnd>({ id: label }, async () => {
      const lines: string[] = [];
      const code = await runNx(root, args, signal, (line) => {
        lines.push(line);
        if (lines.length > TAIL) lines.shift();
        listener({ type: 'item-progress', id: label, step: line });
      });
      return code === 0 ? { outcome: 'passed' } : { outcome: 'failed', detail: `exit code ${code}`, lines };
    });
    if (outcome === 'passed') continue;
    shown.finish(`${label} failed`);
    if (signal?.aborted) {
      throw new Failure('Preparation', { what: `The walk was interrupted while it had to ${label}` });
    }
    throw new Failure('Preparation', {
      what: `The walk could not begin, because it failed to ${label}`,
      next: 'see above; mend that, or leave it out with --no-deploy',
    });
  }
  shown.finish(subject);
}

/** Name of a project's target of an executor; the one for all environments, which comes first. */
function targetOf(project: ProjectConfiguration | undefined, executor: string): string | undefined {
  return Object.entries(project?.targets ?? {}).find(([, target]) => target.executor === executor)?.[0];
}

/** Runs Nx below this Nx and waits for it; returns its exit code. */
async function runNx(
  root: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
  onLine: (line: string) => void,
): Promise<number> {
  const { code } = await run(process.execPath, [nxProgram(root), ...args], {
    cwd: root,
    env: { ...outsideOfNx(process.env), FORCE_COLOR: '0', NX_TUI: 'false', NX_DAEMON: 'false' },
    signal,
    stopSignal: 'SIGINT',
    mask: (line) => redact(stripVTControlCharacters(line)),
    onLine,
  });
  return code;
}
