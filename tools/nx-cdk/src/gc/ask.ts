import { Failure } from '../failure/index.ts';
import { count, formatTable } from '../progress/index.ts';
import type { GarbageOfTarget } from './request.ts';

/** How many names are shown of one target; the report has all of them. */
const NAMES = 1000;

/**
 * What was found, for people: a line for each target.
 *
 * @param names whether the names are shown, too
 * @param width columns of the terminal. @default - no limit
 */
export function garbageAsText(found: readonly GarbageOfTarget[], names = false, width?: number): string {
  const rows = found.map(({ target, files, images, retire }) => ({
    target,
    files: files.count,
    images: images.count,
    size: bytesAsText(files.bytes + images.bytes),
    releases: releasesIn(retire),
  }));
  const right = (key: string, title?: string) => ({ key, title, align: 'right' as const });
  const columns = ['target', right('files'), right('images'), right('size'), right('releases', 'releases to retire')];
  const table = formatTable(rows, columns, { width: width ?? Number.POSITIVE_INFINITY });
  if (!names) return table;
  const lines = found.flatMap(({ target, items, retire }) => [
    ...retire.map(({ key }) => `retire ${target} ${key}`),
    ...items.slice(0, NAMES).map(({ place, bytes }) => `delete ${target} ${place} (${bytesAsText(bytes)})`),
    ...(items.length > NAMES ? [`and ${items.length - NAMES} more in ${target}: the report has all names`] : []),
  ]);
  return [table, ...lines].join('\n');
}

/**
 * Shows what was found, and asks.
 *
 * @param ask see `Command.ask`
 * @throws Failure `NotConfirmed` if nobody can be asked
 */
export async function askToDeleteGarbage(
  found: readonly GarbageOfTarget[],
  names: boolean,
  ask: (question: string, lines: readonly string[]) => Promise<boolean | undefined>,
): Promise<boolean> {
  const shown = garbageAsText(found, names, process.stdout.columns);
  const sum = (one: (each: GarbageOfTarget) => number) => found.reduce((total, each) => total + one(each), 0);
  const things = [
    count(
      sum(({ files }) => files.count),
      'file',
    ),
    count(
      sum(({ images }) => images.count),
      'image',
    ),
  ].join(' and ');
  const question = `Delete ${things}, and retire ${count(
    sum(({ retire }) => releasesIn(retire)),
    'release',
  )}?`;
  const answer = await ask(question, shown.split('\n'));
  if (answer !== undefined) return answer;
  const what = `${question} There is no terminal to ask on, so nothing was deleted`;
  throw new Failure('NotConfirmed', { what, next: 'look at what it is (--dryRun), and add --yes' });
}

/** A release may have several records. */
export function releasesIn(retire: GarbageOfTarget['retire']): number {
  return new Set(retire.map(({ release }) => release)).size;
}

/** `1.5 MB`: in steps of a thousand, as S3 and ECR are billed. */
function bytesAsText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  return `${step === 0 ? bytes : (bytes / 1000 ** step).toFixed(1)} ${units[step]}`;
}
