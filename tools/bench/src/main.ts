import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { killProcesses } from 'test-bed';
import { compareAssets } from './assets/measure.ts';
import { compareDev } from './dev/measure.ts';
import { compareExamples } from './examples/measure.ts';
import { compareImages } from './images/measure.ts';
import { comparePages } from './pages/measure.ts';
import { parseOptions, USAGE, UsageError } from './options.ts';
import { compareProjects } from './projects/measure.ts';
import { openStage, type Stage } from './stage.ts';
import { compareStacks } from './stacks/measure.ts';

const COMPARISONS = {
  stacks: compareStacks,
  assets: compareAssets,
  images: compareImages,
  examples: compareExamples,
  projects: compareProjects,
  dev: compareDev,
  pages: comparePages,
};

process.exitCode = await main(process.argv.slice(2));

/** @returns the exit code: broken promises are reported, and are no failure of the benchmark */
async function main(args: readonly string[]): Promise<number> {
  let stage: Stage | undefined;
  let interrupted = false;
  const stop = () => {
    interrupted = true;
    // What runs is ended, which ends the measurement.
    killProcesses();
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
    stage = await openStage(say);
    const { measurements, report } = await COMPARISONS[options.comparison](stage, options, say);
    console.log(`\n${report}`);
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
