import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type DeployRun, type RecordedCommand, reportsOf, RUN_FORMAT, type RunFile } from '../report/index.ts';

/** A recorded run, as a list shows it. Plain data. */
export interface ListedRun {
  /** Of its files, without an ending: `2026-11-28-231500-deploy-staging`. */
  readonly name: string;
  readonly project: string;
  readonly command: RecordedCommand;
  /** @default - all environments */
  readonly environment?: string;
  readonly instance?: string;
  /** As in the run. @default - AWS */
  readonly endpoint?: string;
  readonly outcome: 'done' | 'failed' | 'refused';
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly milliseconds: number;
  /** The page, relative to the root of the workspace. */
  readonly file: string;
}

/** What was found in a folder of reports. */
export interface FoundRuns {
  /** The newest first. */
  readonly runs: readonly ListedRun[];
  /** Files with the name of a run that are none, relative to the root of the workspace. */
  readonly unreadable: readonly string[];
}

/** No run is larger. In bytes. */
const LARGEST = 100 * 1024 * 1024;

/** The name of the JSON file of a run; other files are not ours. */
const FILE = /^\d{4}-\d\d-\d\d-\d{6}-[a-z].*\.json$/;

/** What the page of an architecture is called, in the folder of its project. */
export const ARCHITECTURE = 'architecture.html';

export function isRunName(file: string): boolean {
  return FILE.test(file);
}

/** The name of the JSON file of a run. */
export function fileNameOf(run: string): string {
  return `${run}.json`;
}

/** The recorded runs of a project. @param known those that need not be read, by their file. @default none */
export async function runsOf(
  workspaceRoot: string,
  project: string,
  known: ReadonlyMap<string, ListedRun> = new Map(),
): Promise<FoundRuns> {
  const { runs, unreadable } = await runsIn(workspaceRoot, reportsOf(project), known);
  // Two projects may share a folder.
  return { runs: runs.filter((run) => run.project === project), unreadable };
}

/** The deployments among runs, with all that was recorded of them. Each is read when it is asked for. */
export async function* deploymentsOf(workspaceRoot: string, runs: readonly ListedRun[]): AsyncGenerator<DeployRun> {
  for (const { file } of runs.filter(({ command }) => command === 'deploy')) {
    const run = await readRun(join(workspaceRoot, jsonOf(file)));
    if (run?.command === 'deploy') yield run;
  }
}

/** The file beside a page. */
export function jsonOf(page: string): string {
  return page.replace(/\.html$/, '.json');
}

async function runsIn(
  workspaceRoot: string,
  folder: string,
  known: ReadonlyMap<string, ListedRun>,
): Promise<FoundRuns> {
  const names = (await namesIn(join(workspaceRoot, folder))).filter(isRunName);
  const runs: ListedRun[] = [];
  const unreadable: string[] = [];
  for (const name of names) {
    const file = join(folder, name);
    const run = known.get(file) ?? (await readListed(workspaceRoot, file));
    if (run === undefined) unreadable.push(file);
    else runs.push(run);
  }
  return { runs: newestFirst(runs), unreadable };
}

/** Reads the JSON file of a run. @returns undefined for what is none */
export async function readListed(workspaceRoot: string, file: string): Promise<ListedRun | undefined> {
  const run = await readRun(join(workspaceRoot, file));
  return run && listedRun(run, dirname(file), basename(file, '.json'));
}

/** What a list says of a run. @param name of its files, without an ending */
export function listedRun(run: RunFile, folder: string, name: string): ListedRun {
  const { project, command, environment, instance, endpoint, recording } = run;
  return {
    name,
    project,
    command,
    ...(environment !== undefined && { environment }),
    ...(instance !== undefined && { instance }),
    ...(endpoint !== undefined && { endpoint }),
    outcome: outcomeOf(run),
    startedAt: recording.startedAt,
    milliseconds: recording.milliseconds,
    file: join(folder, `${name}.html`),
  };
}

function outcomeOf(run: RunFile): ListedRun['outcome'] {
  const isRefused = run.command === 'plan' && (run.result?.plan?.verdict?.refused ?? []).length > 0;
  return isRefused ? 'refused' : run.success ? 'done' : 'failed';
}

/** Undefined for what is no run: a file of a later version, half a file, something else. */
async function readRun(file: string): Promise<RunFile | undefined> {
  try {
    const stats = await stat(file);
    // A pipe would keep its reader waiting for ever.
    if (!stats.isFile() || stats.size > LARGEST) return undefined;
    const run = JSON.parse(await readFile(file, 'utf8')) as Partial<RunFile> | null;
    return isRun(run) ? run : undefined;
  } catch {
    return undefined;
  }
}

function isRun(run: Partial<RunFile> | null): run is RunFile {
  if (typeof run !== 'object' || run === null || run.format !== RUN_FORMAT) return false;
  const { command, project, environment, instance, endpoint, success, recording } = run;
  const isTextOrAbsent = (value: unknown) => value === undefined || typeof value === 'string';
  return (
    typeof command === 'string' &&
    typeof project === 'string' &&
    typeof success === 'boolean' &&
    isTextOrAbsent(environment) &&
    isTextOrAbsent(instance) &&
    isTextOrAbsent(endpoint) &&
    !Number.isNaN(Date.parse(String(recording?.startedAt))) &&
    typeof recording?.milliseconds === 'number'
  );
}

/** Names in a folder; none if there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

export function newestFirst(runs: readonly ListedRun[]): ListedRun[] {
  return runs.toSorted((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt) || (a.name < b.name ? 1 : -1));
}
