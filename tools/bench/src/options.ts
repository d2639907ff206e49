import { parseArgs, type ParseArgsConfig } from 'node:util';

/** A mistake on the command line, in one sentence. */
export class UsageError extends Error {}

export const USAGE = `Usage: nx bench bench [--comparison=stacks|assets|images|examples|projects|dev|pages]
         [options]
  --delay=<milliseconds>   added to every request (default: stacks and dev 100, assets 50, others 0)
  --runs=<number>          repetitions; with more than one: medians and spreads
                           (default 1, projects 15, pages 9)
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
  --megabytes=<n>,<n>      sizes of the image, in MB (default 5)

--comparison=examples: which CDK apps of other people are deployed on the local AWS, unchanged
  --from=<folder>          every folder in it with a cdk.json is an app; its packages have to be installed
  --only=<text>,<text>     only apps whose folder contains one of these

--comparison=projects: nx show projects with and without the plugin, installed, with and without Nx's daemon
  --apps=<number>          CDK apps in the workspace (default 20)

--comparison=dev: from an edit to the cloud, beside cdk watch (three minutes)

--comparison=pages: deployments with a page and with --no-report, in turn (some minutes)
  --memory, --memory-stacks  as above`;

type Values = Record<string, string | boolean | string[] | undefined>;

const text = { type: 'string' } as const;
const COMMON = { comparison: text, delay: text, runs: text, only: { ...text, multiple: true }, json: text } as const;

interface Row {
  readonly options: ParseArgsConfig['options'];
  readonly defaults: { readonly delay: number; readonly targets: number; readonly runs?: number };
}

/** The options that each comparison has besides the common ones, and its defaults where they differ. */
const COMPARISONS = {
  stacks: {
    options: { stacks: text, memory: { type: 'boolean' }, 'memory-stacks': text },
    defaults: { delay: 100, targets: 2 },
  },
  assets: { options: { assets: text, targets: text }, defaults: { delay: 50, targets: 10 } },
  images: { options: { targets: text, megabytes: text }, defaults: { delay: 0, targets: 20 } },
  examples: { options: { from: text }, defaults: { delay: 0, targets: 1 } },
  projects: { options: { apps: text }, defaults: { delay: 0, targets: 1, runs: 15 } },
  dev: { options: {}, defaults: { delay: 100, targets: 1 } },
  pages: {
    options: { memory: { type: 'boolean' }, 'memory-stacks': text },
    defaults: { delay: 0, targets: 2, runs: 9 },
  },
} as const satisfies Record<string, Row>;

/**
 * Reads the command line.
 *
 * @returns undefined if help was asked for
 * @throws UsageError
 */
export function parseOptions(args: readonly string[]) {
  const { values: asked } = parseArgs({ args: [...args], options: { comparison: text }, strict: false });
  const comparison = String(asked.comparison ?? 'stacks') as keyof typeof COMPARISONS;
  if (!Object.hasOwn(COMPARISONS, comparison))
    throw new UsageError(`--comparison must be ${Object.keys(COMPARISONS).join(', ')}, but is "${comparison}".`);
  const { options, defaults }: Row = COMPARISONS[comparison];
  const values = parse(args, { ...COMMON, ...options, help: { type: 'boolean' } });
  if (values['help']) return undefined;
  const number = (name: string, otherwise: number, least = 1) => {
    const value = Number(values[name] ?? otherwise);
    if (!Number.isInteger(value) || value < least)
      throw new UsageError(`--${name} must be a whole number of at least ${least}, but is "${String(values[name])}".`);
    return value;
  };
  const megabytes = String(values['megabytes'] ?? 5);
  if (megabytes.split(',').some((size) => !(Number(size) > 0)))
    throw new UsageError(`--megabytes must be numbers above 0, separated by commas, but is "${megabytes}".`);
  return {
    comparison,
    delay: number('delay', defaults.delay, 0),
    runs: number('runs', defaults.runs ?? 1),
    only: ((values['only'] ?? []) as string[]).flatMap((names) => names.split(',')).filter(Boolean),
    json: values['json'] as string | undefined,
    from: values['from'] as string | undefined,
    stacks: number('stacks', 40),
    memory: values['memory'] === true,
    memoryStacks: number('memory-stacks', 1000),
    assets: number('assets', 200),
    apps: number('apps', 20),
    targets: number('targets', defaults.targets),
    megabytes: megabytes.split(',').map(Number),
  };
}

/** What the command line asks for, as {@link USAGE} says; options of other comparisons have their defaults. */
export type BenchOptions = NonNullable<ReturnType<typeof parseOptions>>;

function parse(args: readonly string[], options: ParseArgsConfig['options']): Values {
  try {
    return parseArgs({ args: [...args], options }).values as Values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
}
