import { join, resolve } from 'node:path';
import { isCI } from '@nx-cdk/processes';
import { readAssembly } from '../../assembly/index.ts';
import { chooseStacks, type Command, defineExecutor, keepIndex, writeText } from '../../command/index.ts';
import { Failure } from '../../failure/index.ts';
import { reportsOf } from '../../report/index.ts';
import {
  ARCHITECTURE,
  deploymentsOf,
  LISTED,
  type ListedRun,
  open,
  openCommand,
  readKnown,
  removeRuns,
  runsAsText,
  runsOf,
  tellRuns,
} from '../../reports/index.ts';
import type { ReportsExecutorSchema } from './schema.d.ts';

/** Lists recorded runs, opens a page, draws the architecture. Asks no AWS; removes only what was listed. */
export default defineExecutor(async (options: ReportsExecutorSchema, command) => {
  const { workspaceRoot, projectName, listener } = command;
  const { keep, limit = LISTED, json = false } = options;
  requireNumbers(options);
  const say = (text: string, level: 'info' | 'warning' = 'info') => listener({ type: 'message', level, text });
  const { runs: all, unreadable } = await runsOf(workspaceRoot, projectName, await readKnown(workspaceRoot));
  if (unreadable.length > 0) say(`No runs, or of another version: ${unreadable.join(', ')}`, 'warning');
  const runs = options.run === undefined ? all : [runCalled(options.run, all, projectName)];

  const architecture = options.architecture === true ? await draw(options, command, all) : undefined;
  if (architecture !== undefined) say(`Architecture: ${architecture}`);
  // What goes is listed before, however old it is.
  const shown = keep === undefined && options.run === undefined ? runs.slice(0, limit) : runs;
  if (json) tellRuns(shown, projectName, listener);
  else if (shown.length === 0) say(`No run of ${projectName} is recorded yet: plan, publish and deploy write a page.`);
  else if (architecture === undefined) say(runsAsText(shown, process.stdout.columns));
  const more = runs.length - shown.length;
  if (more > 0) say(`${more} older: --limit=${runs.length} lists them, too; --keep=${limit} does, and removes them.`);

  const removed = keep === undefined ? [] : all.slice(keep);
  if (removed.length > 0) {
    await removeRuns(workspaceRoot, removed);
    say(`Removed the last ${removed.length} of them, from ${removed[0]!.name} on.`);
  }
  const index = await keepIndex(workspaceRoot);
  if (options.open === true) await show(architecture ?? runs[0]?.file ?? index, command);
  else if (architecture === undefined) say(`All projects: ${index}`);
  return { success: true, report: { runs: shown, removed, index, architecture } };
});

/** @throws Failure `BadOption` for a number that no run could be left by, or that says nothing of what is listed */
function requireNumbers({ keep, limit, run }: ReportsExecutorSchema): void {
  for (const [name, number, what] of [
    ['keep', keep, 'stay'],
    ['limit', limit, 'are listed'],
  ] as const) {
    if (number === undefined || (Number.isInteger(number) && number >= 1)) continue;
    throw new Failure('BadOption', { what: `--${name} is ${number}`, next: `say how many runs ${what}: 1 or more` });
  }
  const given = Object.entries({ keep, limit, run }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    const names = given.map(([name]) => `--${name}`).join(' and ');
    const next = 'leave one of them out: what is removed is listed before';
    throw new Failure('BadOption', { what: `${names} exclude each other`, next });
  }
}

function runCalled(name: string, runs: readonly ListedRun[], project: string): ListedRun {
  const run = runs.find((one) => one.name === name);
  if (run !== undefined) return run;
  const next =
    runs.length === 0 ? 'none is recorded' : `the newest is ${runs[0]!.name}; nx reports ${project} lists all`;
  throw new Failure('NoReport', { what: `No run of ${project} is called ${name}`, next });
}

/** Draws the assembly as it is. @returns the page, relative to the root of the workspace */
async function draw(
  { assembly: folder = 'cdk.out', environmentsFile }: ReportsExecutorSchema,
  { workspaceRoot, projectRoot, projectName, environments, listener }: Command,
  runs: readonly ListedRun[],
): Promise<string> {
  const assembly = readAssembly(resolve(projectRoot, folder));
  const known = environmentsFile === undefined ? undefined : environments(environmentsFile);
  const { promotion } = chooseStacks(assembly, known, {}, listener);
  // Imported late: a list needs no drawing.
  const { architecturePage, lastChangesOf, readArchitecture } = await import('../../architecture/index.ts');
  const architecture = await readArchitecture(assembly, promotion);
  const last = await lastChangesOf(deploymentsOf(workspaceRoot, runs));
  const file = join(reportsOf(projectName), ARCHITECTURE);
  const page = architecturePage({ project: projectName, architecture, ...(last && { last }) });
  await writeText(resolve(workspaceRoot, file), page, 'page');
  return file;
}

async function show(file: string, { workspaceRoot, listener }: Command): Promise<void> {
  const path = resolve(workspaceRoot, file);
  const browser = openCommand(path, { platform: process.platform, env: process.env, ci: isCI(process.env) });
  const isOpen = browser !== undefined && (await open(browser));
  const text = isOpen ? `Opened ${file}` : `No browser can be started here. The page is ${path}`;
  listener({ type: 'message', level: 'info', text });
}
