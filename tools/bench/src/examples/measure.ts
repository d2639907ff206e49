/** Other people's apps, unchanged: which of them this workspace deploys on the local AWS. */
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from '../command.ts';
import { type BenchOptions, UsageError } from '../options.ts';
import { type Comparison, thisMachine } from '../report.ts';
import type { Say, Stage } from '../stage.ts';
import type { Surroundings } from '../surroundings.ts';
import { type ExampleApp, examplesIn, placesOf } from './apps.ts';
import { type ExampleResult, reportExamples } from './report.ts';

/**
 * Synthesizes, publishes and deploys each app below a folder, each in empty accounts.
 *
 * @throws UsageError if no folder is named, or no app is in it
 */
export async function compareExamples(stage: Stage, options: BenchOptions, say: Say): Promise<Comparison> {
  if (options.from === undefined) throw new UsageError('Name the folder of the apps: --from=<folder>.');
  const apps = (await examplesIn(resolve(options.from))).filter(
    ({ name }) => options.only.length === 0 || options.only.some((text) => name.includes(text)),
  );
  if (apps.length === 0) throw new UsageError(`${options.from} has no app: no folder with a cdk.json.`);
  const around = stage.forApp('example');
  const results: ExampleResult[] = [];
  for (const [index, app] of apps.entries()) {
    const result = await deployed(stage, around, app);
    say(`${index + 1} of ${apps.length}: ${app.name} ${result.outcome}`);
    results.push(result);
  }
  return { measurements: { results, machine: thisMachine() }, report: reportExamples(results) };
}

async function deployed(stage: Stage, around: Surroundings, { name, folder }: ExampleApp): Promise<ExampleResult> {
  const started = Date.now();
  const ended = async (outcome: ExampleResult['outcome'], error?: unknown): Promise<ExampleResult> => {
    const seconds = Math.round((Date.now() - started) / 1000);
    const placeholders = new Set((await stage.placeholders()).map(({ type }) => type));
    return { name, outcome, seconds, placeholders: [...placeholders].sort(), why: firstError(error) };
  };
  const assembly = join(folder, 'cdk.out');
  await rm(assembly, { recursive: true, force: true });
  await stage.freshAccounts([]);
  try {
    // Lookups ask the local AWS.
    await run({ ...around.stock('cdk', 'synth', '--quiet', '--output', assembly), cwd: folder });
  } catch (error) {
    return ended('not synthesized', error);
  }
  try {
    await stage.freshAccounts(await placesOf(assembly));
    // The assembly is that of the stock CLI, which makes no release of it.
    await run(around.executor('publish', { assembly, allowUnreleased: true }));
    await run(around.executor('deploy', { assembly, allowUnreleased: true, yes: true }));
    return await ended('deployed');
  } catch (error) {
    return ended('failed', error);
  }
}

/** The line that says why, of all that a program printed. */
function firstError(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  const lines = (error as Error).message.split('\n').map((line) => line.trim());
  return lines.find((line) => /^✖|error|cannot/i.test(line)) ?? lines[0];
}
