import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { REPORTS_FOLDER } from '../report/index.ts';
import { fileNameOf, type ListedRun } from './runs.ts';

/** What is known of the runs in the index, so that the next one needs not read them. It can be removed at any time. */
export const KNOWN_RUNS = join(REPORTS_FOLDER, 'index.json');

/** Version of its format. */
const FORMAT = 1;

/** By the JSON file of a run, relative to the root of the workspace; nothing if the file is none of ours. */
export async function readKnown(workspaceRoot: string): Promise<Map<string, ListedRun>> {
  try {
    const content = JSON.parse(await readFile(join(workspaceRoot, KNOWN_RUNS), 'utf8')) as {
      readonly format?: unknown;
      readonly runs?: unknown;
    };
    if (content.format !== FORMAT || !Array.isArray(content.runs)) return new Map();
    return byFile(content.runs.filter(isListed));
  } catch {
    return new Map();
  }
}

/** The content of that file. */
export function knownRuns(runs: readonly ListedRun[]): string {
  return `${JSON.stringify({ format: FORMAT, runs })}\n`;
}

export function byFile(runs: readonly ListedRun[]): Map<string, ListedRun> {
  return new Map(runs.map((run) => [join(dirname(run.file), fileNameOf(run.name)), run]));
}

const COMMANDS: ReadonlySet<unknown> = new Set(['deploy', 'plan', 'publish']);
const OUTCOMES: ReadonlySet<unknown> = new Set(['done', 'failed', 'refused']);

function isListed(run: Partial<ListedRun> | null): run is ListedRun {
  if (typeof run !== 'object' || run === null) return false;
  const { name, project, command, environment, instance, endpoint, outcome, startedAt, milliseconds, file } = run;
  const isText = (...values: unknown[]) => values.every((value) => typeof value === 'string');
  return (
    isText(name, project, startedAt, file, environment ?? '', instance ?? '', endpoint ?? '') &&
    // It is the page of the run of that name, and nothing else.
    file === join(dirname(file!), `${name!}.html`) &&
    COMMANDS.has(command) &&
    OUTCOMES.has(outcome) &&
    !Number.isNaN(Date.parse(startedAt!)) &&
    typeof milliseconds === 'number'
  );
}
