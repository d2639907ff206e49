import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as assets from './assets/index.ts';
import type { Comparison } from './comparison.ts';
import * as images from './images/index.ts';
import { type BenchOptions, parseOptions, USAGE, UsageError } from './options.ts';
import * as stacks from './stacks/index.ts';
import { openStage, type Stage } from './stage.ts';

const workspaceRoot = join(import.meta.dirname, '..', '..', '..');

/** By the name that the options bear: each gets its own options and its own measurements. */
const COMPARISONS = { stacks, assets, images } as unknown as Record<BenchOptions['comparison'], Comparison>;

process.exitCode = await main(process.argv.slice(2));

/** @returns the exit code: broken promises are reported, and are no failure of the benchmark */
async function main(args: readonly string[]): Promise<number> {
  let stage: Stage | undefined;
  let interrupted = false;
  const stop = () => {
    interrupted = true;
    // What runs is ended, which ends the measurement.
    stage?.runner.kill();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop);
  try {
    const options = parseOptions(args);
    if (!options) {
      console.log(USAGE);
      return 0;
    }
    const started = Date.now();
    // On stderr, so that the table alone can be sent to a file.
    const say = (line: string) => {
      if (interrupted) throw new Error('Interrupted.');
      console.error(`${String(Math.round((Date.now() - started) / 1000)).padStart(5)} s  ${line}`);
    };
    const { measure, report } = COMPARISONS[options.comparison];
    stage = await openStage(workspaceRoot, say, { logRequests: options.comparison === 'images' });
    const measurements = await measure(stage, options, say);
    console.log(`\n${report(measurements)}`);
    if (options.json) await writeFile(resolve(options.json), `${JSON.stringify(measurements, undefined, 2)}\n`);
    return 0;
  } catch (error) {
    if (interrupted) console.error('Interrupted.');
    else if (error instanceof UsageError) console.error(error.message);
    else console.error(error instanceof Error ? error.message : error);
    return interrupted ? 130 : 1;
  } finally {
    await stage?.close();
  }
}
