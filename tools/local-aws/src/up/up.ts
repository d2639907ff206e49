import { mkdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { commandsOf, packageManagerOf } from '@nx-cdk/environments';
import { INTERRUPTED, runNx } from '@nx-cdk/processes';
import { parsePort } from '../command-line.ts';
import { interruptible } from '../interruptible.ts';
import { sentenceOf } from '../local-aws-error.ts';
import { instanceFiles, locateInstance, workspaceRoot } from '../locations.ts';
import { describePlaceholders, listPlaceholders, type Placeholder } from '../placeholders.ts';
import type { RunningInstance } from '../running-instance.ts';
import { isDefaultInstance, startInWorkspace } from '../workspace-instance.ts';
import { type App, appsOf, CONFIGURATION, readProjects } from './apps.ts';
import { type Answer, askForRoot, type DeployedApi, deployedApi } from './deployed-api.ts';
import { type DeployedStack, type DeployReport, type Row, stackTable } from './stack-table.ts';
import { withoutAws } from './without-aws.ts';

export interface UpOptions {
  /** The Nx projects of CDK apps, deployed in this order. */
  readonly projects: readonly string[];
  /** As on the command line; `0` for any free one. @default 4566, or where it runs */
  readonly port?: string | number;
  /** Name of the instance. @default 'default', which is what `-c local-aws` means */
  readonly instance?: string;
  /** An instance in a directory of its own. @default that of `instance` */
  readonly directory?: string;
  /** The command that does all this again, for messages. @default `npx local-aws up <projects>` */
  readonly again?: string;
  /** Calls each API that a stack names in its output `ApiUrl`. @default asks for its root; all below 500 is fine */
  readonly call?: (api: DeployedApi) => Promise<Answer>;
  /** Serve the page of each deployment while it runs: nx-cdk's option `ui`. @default false */
  readonly ui?: boolean;
  /** Show stack traces of errors. @default false */
  readonly verbose?: boolean;
}

/**
 * Brings CDK apps onto the local AWS: starts it if it does not run, bootstraps, deploys, calls what has a URL, and
 * prints a table of all stacks. Nothing leaves this machine, and nothing is asked. If it runs again after a change,
 * only what changed is deployed.
 *
 * @returns the exit code: 0; 1 with what is wrong and the next step on standard error; 130 after Ctrl-C
 */
export async function up(options: UpOptions): Promise<number> {
  const started = Date.now();
  try {
    const root = workspaceRoot();
    const again = options.again ?? execOf(root, `local-aws up ${options.projects.join(' ')}`);
    const deployed = await deployAll(root, options, again);
    if (typeof deployed === 'number') return deployed;
    const { rows, placeholders } = deployed;
    console.log(`\n${await stackTable(rows)}`);
    if (placeholders.length > 0) console.log(`\n${describePlaceholders(placeholders)}`);
    return conclude(rows, { ...options, root, again }, Math.round((Date.now() - started) / 1000));
  } catch (error) {
    const sentence = options.verbose === true ? undefined : sentenceOf(error);
    if (sentence === undefined) throw error;
    console.error(sentence);
    return 1;
  }
}

/** What came of it. */
interface Deployed {
  readonly rows: readonly Row[];
  readonly placeholders: readonly Placeholder[];
}

/** Returns the stacks, or the exit code of what failed. */
async function deployAll(root: string, options: UpOptions, again: string): Promise<Deployed | number> {
  const { projects, port, call = askForRoot, ui = false, ...which } = options;
  const directory = locateInstance(which);
  const where = { directory, port: parsePort(port?.toString()), isDefault: isDefaultInstance(which) };
  const { reports } = instanceFiles(directory);
  const { apps, instance, environment } = await interruptible(async (signal) => {
    const abandon = new AbortController();
    // Both take seconds. A project that does not exist is said at once, even if Python is being installed.
    const [found, running] = await Promise.all([
      findApps(root, projects, directory).catch((error: unknown) => {
        abandon.abort(error);
        throw error;
      }),
      startInWorkspace(where, (text) => console.error(text), AbortSignal.any([signal, abandon.signal])),
    ]);
    return { apps: found, ...running };
  });
  console.error(`The local AWS runs: ${instance.endpoint}`);
  const steps = { root, again, environment: { ...withoutAws(process.env), ...environment } };
  await mkdir(reports, { recursive: true, mode: 0o700 });
  const stacks: DeployedStack[] = [];
  for (const [index, { project, bootstrap, deploy }] of apps.entries()) {
    const report = join(reports, `${index}.json`);
    const args = ['-c', CONFIGURATION];
    const code =
      (await step(`Bootstrapping for ${project}`, ['run', `${project}:${bootstrap}`, ...args], steps)) ||
      (await step(
        `Deploying ${project}`,
        ['run', `${project}:${deploy}`, ...args, `--report=${relative(root, report)}`, ...(ui ? ['--ui'] : [])],
        steps,
      ));
    if (code !== 0) return code;
    stacks.push(...(JSON.parse(await readFile(report, 'utf8')) as DeployReport).stacks);
  }
  const rows = await Promise.all(stacks.map((stack) => withAnswer(stack, instance, call)));
  return { rows, placeholders: await listPlaceholders(instance) };
}

async function findApps(root: string, projects: readonly string[], directory: string): Promise<App[]> {
  const all = await readProjects(root, join(directory, 'projects.json'));
  return appsOf(all, projects, (command) => execOf(root, command));
}

/** How the package manager of a workspace runs a program of a package. */
function execOf(root: string, command: string): string {
  return commandsOf(packageManagerOf(root), root).exec(command);
}

interface Steps {
  readonly root: string;
  readonly again: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** Runs Nx on our terminal; says what failed, and how to go on. Returns the exit code. */
async function step(what: string, args: readonly string[], { root, again, environment }: Steps): Promise<number> {
  const code = await runNx(root, args, environment);
  if (code === INTERRUPTED) console.error(`\nInterrupted; ${again} picks up where this stopped.`);
  else if (code !== 0) console.error(`\n${what} failed, see above; then run ${again} again.`);
  return code;
}

async function withAnswer(
  stack: DeployedStack,
  instance: RunningInstance,
  call: (api: DeployedApi) => Promise<Answer>,
): Promise<Row> {
  const url = stack.outputs['ApiUrl'];
  if (url === undefined) return stack;
  const api = deployedApi(url, stack, instance);
  return { ...stack, url, ...(api && { answer: await call(api) }) };
}

/** The last line; returns the exit code. */
function conclude(
  rows: readonly Row[],
  { root, again, ...which }: UpOptions & { readonly root: string },
  seconds: number,
): number {
  const directory = locateInstance(which);
  const silent = rows.filter(({ answer }) => answer?.ok === false);
  if (silent.length > 0) {
    const { log } = instanceFiles(directory);
    const names = silent.map(({ id }) => id).join(', ');
    console.error(`\n${names} did not answer as expected: see ${relative(root, log)}, then run ${again} again.`);
    return 1;
  }
  const changed = rows.filter(({ outcome }) => outcome !== 'unchanged').length;
  const what = changed === 0 ? 'Nothing changed' : `${changed} of ${rows.length} stacks changed`;
  const stop = execOf(root, `local-aws stop${isDefaultInstance(which) ? '' : ` --directory=${directory}`}`);
  console.log(`\n${what}, ${seconds} s. The local AWS runs on: ${stop} ends it.`);
  return 0;
}
