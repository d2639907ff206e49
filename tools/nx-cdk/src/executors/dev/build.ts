import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nxProgram, outsideOfNx, type ProgramEnd, run } from '@nx-cdk/processes';
import type { ExecutorContext, ProjectGraph, TargetConfiguration } from '@nx/devkit';
import { runExecutor } from 'nx/src/devkit-exports.js';
import { Failure } from '../../failure/index.ts';

/** The target that synthesis waits for, in each project that has it. */
export const BUILD = 'build';

/** Takes what a build that failed has said, line by line. */
export type Say = (line: string) => void;

type Said = Pick<ProgramEnd, 'stdout' | 'stderr'>;

/** Builds projects by Nx, from its cache where it can. @throws Failure `BuildFailed` */
export async function buildAll(projects: readonly string[], { root }: ExecutorContext, say: Say): Promise<void> {
  if (projects.length === 0) return;
  await byNx(['run-many', '-t', BUILD, '-p', projects.join(',')], root, projects.join(', '), say);
}

/**
 * Builds a project as Nx would, without Nx where that makes no difference: it takes longer to start than most builds
 * take. A later run of Nx finds other inputs than those of its last build, and builds again or takes it from its cache.
 *
 * @throws Failure `BuildFailed`
 */
export async function buildOne(name: string, graph: ProjectGraph, context: ExecutorContext, say: Say): Promise<void> {
  const { data } = graph.nodes[name]!;
  const target = data.targets![BUILD]!;
  const folder = join(context.root, data.root);
  if (target.executor === 'nx:noop') return;
  if (needsNx(target, data.targets!, folder)) return byNx(['run', `${name}:${BUILD}`], context.root, name, say);
  const script = scriptOf(target, folder);
  if (script !== undefined) {
    const { failure, ...said } = await run(process.execPath, ['--run', script], { cwd: folder });
    if (failure !== undefined) throw failed(name, failure, said, say);
    return;
  }
  const projectsConfigurations = {
    version: 2,
    projects: Object.fromEntries(Object.entries(graph.nodes).map(([one, node]) => [one, node.data])),
  };
  const within = {
    ...context,
    projectName: name,
    targetName: BUILD,
    projectGraph: graph,
    projectsConfigurations,
    target,
  };
  // What it says goes to the terminal by itself.
  for await (const { success } of await runExecutor({ project: name, target: BUILD }, {}, within)) {
    if (!success) throw failed(name, 'see above', { stdout: '', stderr: '' }, say);
    return;
  }
}

/** Whether more than its command makes the target what it is: other targets before it, or variables of its own. */
function needsNx(
  { dependsOn = [], continuous }: TargetConfiguration,
  targets: Readonly<Record<string, unknown>>,
  folder: string,
): boolean {
  const isThere = (one: (typeof dependsOn)[number]) => {
    if (typeof one !== 'string') return !(one.target === BUILD && one.dependencies === true);
    return !one.startsWith('^') && targets[one] !== undefined;
  };
  if (continuous === true || dependsOn.some((one) => isThere(one) || isOther(one))) return true;
  return readdirSync(folder).some((file) => /^\.env|\.env$/.test(file));
}

/** Whether it waits for another target of the projects that it depends on. */
function isOther(one: NonNullable<TargetConfiguration['dependsOn']>[number]): boolean {
  return typeof one === 'string' && one.startsWith('^') && one !== `^${BUILD}`;
}

/** The script of the `package.json` that the target is, if Node can run it as a package manager does. */
function scriptOf({ executor, options }: TargetConfiguration, folder: string): string | undefined {
  if (executor !== 'nx:run-script') return undefined;
  const { script } = options as { readonly script: string };
  const { scripts = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly scripts?: Readonly<Record<string, string>>;
  };
  const isPlain = scripts[`pre${script}`] === undefined && scripts[`post${script}`] === undefined;
  return isPlain && !/npm_|INIT_CWD/.test(scripts[script] ?? 'npm_') ? script : undefined;
}

async function byNx(args: readonly string[], root: string, what: string, say: Say): Promise<void> {
  const env = { ...outsideOfNx(process.env), NX_TUI: 'false' };
  const command = [nxProgram(root), ...args, '--outputStyle=static'];
  const { failure, ...said } = await run(process.execPath, command, { cwd: root, env });
  if (failure !== undefined) throw failed(what, failure, said, say);
}

/** Lines of a build that are shown: compilers say the cause first. */
const SHOWN = 60;

function failed(name: string, failure: string, { stdout, stderr }: Said, say: Say): Failure {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  for (const line of lines.slice(0, SHOWN)) say(line);
  const what = `The build of ${name} failed: ${failure}`;
  return new Failure('BuildFailed', { what, next: 'correct it and save again' });
}
