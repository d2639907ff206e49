import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PreTasksExecutionContext, ProjectGraph } from '@nx/devkit';
import { readCommandLine } from './command-line.ts';

/** Root of this package. */
const PACKAGE = join(import.meta.dirname, '..', '..');

/** Options of executors that Nx has too: it takes them from before `--`. */
const OF_NX = ['all', 'targets', 'verbose'];

/**
 * Refuses a command that gives options of our executors before `--`. If there is one, Nx hands on what stands behind it
 * alone, without a word: `nx deploy infra --release=<digest> -- --targets=<target>` would deploy any release.
 *
 * @param readGraph only called if there is a `--`
 * @throws Error naming the options
 */
export async function refuseForgottenOptions(
  { argv }: Pick<PreTasksExecutionContext, 'argv'>,
  readGraph: () => Promise<ProjectGraph>,
): Promise<void> {
  const given = optionsBefore(argv);
  if (given.length === 0) return;
  const { targets } = readCommandLine(argv);
  const executors = Object.values((await readGraph()).nodes)
    .flatMap(({ data }) => targets.map((name) => data.targets?.[name]?.executor ?? ''))
    .filter((executor) => executor.startsWith('nx-cdk:'));
  const known = new Set([...new Set(executors)].flatMap(optionsOf));
  const forgotten = given.filter((name) => known.has(name) && !OF_NX.includes(name)).map((name) => `--${name}`);
  if (forgotten.length === 0) return;
  throw new Error(
    `Nx does not hand on ${forgotten.join(', ')}, since there is a "--" and it stands before: put all options of ${targets.join(', ')} behind the "--".`,
  );
}

/** Names of the options that stand before `--`, as executors call them; none without `--`. */
function optionsBefore(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  if (end === -1) return [];
  return argv.slice(2, end).flatMap((arg) => {
    const name = /^--(?:no-)?([^=]+)/.exec(arg)?.[1];
    return name === undefined ? [] : [name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
  });
}

/** Names of the options of an executor, by its schema. */
function optionsOf(executor: string): string[] {
  const read = <Content>(file: string) => JSON.parse(readFileSync(join(PACKAGE, file), 'utf8')) as Content;
  const { executors } = read<{ executors: Record<string, { schema: string } | undefined> }>('executors.json');
  const schema = executors[executor.slice('nx-cdk:'.length)]?.schema;
  return schema === undefined ? [] : Object.keys(read<{ properties: object }>(schema).properties);
}
