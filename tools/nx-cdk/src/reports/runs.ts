import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DeployRun,
  type RecordedCommand,
  REPORTS_FOLDER,
  reportsOf,
  RUN_FORMAT,
  type RunFile,
} from '../report/index.ts';

/** A recorded run, as a list shows it. Plain data. */
export interface ListedRun {
  /** Of its files, without an ending: `2026-11-28-231500-deploy-staging`. */
  readonly name: string;
  readonly project: string;
  readonly command: RecordedCommand;
  /** @default - all environments */
  readonly environment?: string;
  readonly instance?: string;
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

/** The recorded runs of a project. */
export async function runsOf(workspaceRoot: string, project: string): Promise<FoundRuns> {
  const { runs, unreadable } = await runsIn(workspaceRoot, reportsOf(project));
  // Two projects may share a folder.
  return { runs: runs.filter((run) => run.project === project), unreadable };
}

/** The recorded runs of all projects. */
export async function allRuns(workspaceRoot: string): Promise<FoundRuns> {
  const folders = await namesIn(join(workspaceRoot, REPORTS_FOLDER));
  const found: FoundRuns[] = [];
  for (const folder of folders) found.push(await runsIn(workspaceRoot, join(REPORTS_FOLDER, folder)));
  return {
    runs: newestFirst(found.flatMap(({ runs }) => runs)),
    unreadable: found.flatMap(({ unreadable }) => unreadable),
  };
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

async function runsIn(workspaceRoot: string, folder: string): Promise<FoundRuns> {
  const names = (await namesIn(join(workspaceRoot, folder))).filter((name) => FILE.test(name));
  const runs: ListedRun[] = [];
  const unreadable: string[] = [];
  for (const name of names) {
    const run = await readRun(join(workspaceRoot, folder, name));
    if (run === undefined) unreadable.push(join(folder, name));
    else runs.push(listed(run, folder, name.replace(/\.json$/, '')));
  }
  return { runs: newestFirst(runs), unreadable };
}

function listed(run: RunFile, folder: string, name: string): ListedRun {
  const { project, command, environment, instance, recording } = run;
  return {
    name,
    project,
    command,
    ...(environment !== undefined && { environment }),
    ...(instance !== undefined && { instance }),
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
  const { command, project, environment, instance, success, recording } = run;
  const isTextOrAbsent = (value: unknown) => value === undefined || typeof value === 'string';
  return (
    typeof command === 'string' &&
    typeof project === 'string' &&
    typeof success === 'boolean' &&
    isTextOrAbsent(environment) &&
    isTextOrAbsent(instance) &&
    !Number.isNaN(Date.parse(String(recording?.startedAt))) &&
    typeof recording?.milliseconds === 'number'
  );
}

/** Names in a folder; none if there is no such folder. */
async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function newestFirst(runs: readonly ListedRun[]): ListedRun[] {
  return runs.toSorted((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt) || (a.name < b.name ? 1 : -1));
}
