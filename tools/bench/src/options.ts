import { parseArgs, type ParseArgsConfig } from 'node:util';

interface CommonOptions {
  /** Added to every request, in milliseconds. */
  readonly delay: number;
  /** How often everything is measured. */
  readonly runs: number;
  /** Contenders to measure, by a part of their name; empty for all. This workspace is always one of them. */
  readonly only: readonly string[];
  /** File to write all measurements to. */
  readonly json?: string;
}

export interface StacksOptions extends CommonOptions {
  readonly comparison: 'stacks';
  /** How many small stacks are deployed, spread over the accounts. */
  readonly stacks: number;
  /** Measure the memory of a deployment of 1,000 stacks too. */
  readonly memory: boolean;
  /** How many stacks that is. */
  readonly memoryStacks: number;
}

export interface AssetsOptions extends CommonOptions {
  readonly comparison: 'assets';
  /** How many file assets there are. */
  readonly assets: number;
  /** To how many accounts and regions each of them goes. */
  readonly targets: number;
}

export interface ImagesOptions extends CommonOptions {
  readonly comparison: 'images';
  /** To how many accounts and regions the image goes. */
  readonly targets: number;
  /** Sizes of the image, measured one after another, in MB. */
  readonly megabytes: readonly number[];
}

export type BenchOptions = StacksOptions | AssetsOptions | ImagesOptions;

/** A mistake on the command line, in one sentence. */
export class UsageError extends Error {}

export const USAGE = `Usage: nx bench bench [--comparison=stacks|assets|images] [options]
  --delay=<milliseconds>   added to every request (default: stacks 100, assets 50, images 0)
  --runs=<number>          repetitions; with more than one: medians and spreads (default 1)
  --only=<text>,<text>     only contenders whose name contains one of these, beside this workspace
  --json=<file>            write all measurements to a file

--comparison=stacks: synth, publish and deploy of small stacks (the default)
  --stacks=<number>        small stacks, spread over two accounts (default 40)
  --memory                 also measure the memory of a deployment of 1,000 stacks (some minutes)
  --memory-stacks=<number> how many stacks that is (default 1000)

--comparison=assets: publishing file assets (a quarter of an hour)
  --assets=<number>        file assets, folders and single files (default 200)
  --targets=<number>       accounts and regions that each goes to (default 10)

--comparison=images: one container image to many accounts and regions; needs podman
  --targets=<number>       accounts and regions that it goes to (default 20)
  --megabytes=<n>,<n>      sizes of the image, in MB (default 5)`;

type Values = Record<string, string | boolean | string[] | undefined>;

const text = { type: 'string' } as const;
const COMMON = { comparison: text, delay: text, runs: text, only: { ...text, multiple: true }, json: text } as const;

/** The options that each comparison has beside the common ones. */
const OPTIONS: Record<BenchOptions['comparison'], ParseArgsConfig['options']> = {
  stacks: { stacks: text, memory: { type: 'boolean' }, 'memory-stacks': text },
  assets: { assets: text, targets: text },
  images: { targets: text, megabytes: text },
};

/**
 * Reads the command line.
 *
 * @returns undefined if help was asked for
 * @throws UsageError
 */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const { values: asked } = parseArgs({ args: [...args], options: { comparison: text }, strict: false });
  const comparison = String(asked.comparison ?? 'stacks') as BenchOptions['comparison'];
  if (!Object.hasOwn(OPTIONS, comparison))
    throw new UsageError(`--comparison must be ${Object.keys(OPTIONS).join(', ')}, but is "${comparison}".`);
  const values = parse(args, { ...COMMON, ...OPTIONS[comparison], help: { type: 'boolean' } });
  if (values['help']) return undefined;
  const number = (name: string, otherwise: number, least = 1) =>
    wholeNumber(name, String(values[name] ?? otherwise), least);
  const common = {
    runs: number('runs', 1),
    only: ((values['only'] ?? []) as string[]).flatMap((names) => names.split(',')).filter(Boolean),
    json: values['json'] as string | undefined,
  };
  switch (comparison) {
    case 'stacks':
      return {
        comparison,
        stacks: number('stacks', 40),
        delay: number('delay', 100, 0),
        ...common,
        memory: values['memory'] === true,
        memoryStacks: number('memory-stacks', 1000),
      };
    case 'assets':
      return {
        comparison,
        assets: number('assets', 200),
        targets: number('targets', 10),
        delay: number('delay', 50, 0),
        ...common,
      };
    case 'images':
      return {
        comparison,
        targets: number('targets', 20),
        megabytes: sizes(String(values['megabytes'] ?? 5)),
        delay: number('delay', 0, 0),
        ...common,
      };
  }
}

function parse(args: readonly string[], options: ParseArgsConfig['options']): Values {
  try {
    return parseArgs({ args: [...args], options }).values as Values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
}

function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least)
    throw new UsageError(`--${name} must be a whole number of at least ${least}, but is "${text}".`);
  return number;
}

function sizes(text: string): number[] {
  const numbers = text.split(',').map(Number);
  if (numbers.some((number) => !(number > 0)))
    throw new UsageError(`--megabytes must be numbers above 0, separated by commas, but is "${text}".`);
  return numbers;
}
