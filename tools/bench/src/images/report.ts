import { isOurs, type Measured, type Measurement } from '../measure.ts';
import { CELLS, comparison, describeMachine, type Goal, type Machine, promised, table } from '../report.ts';
import { spreadOf, text } from '../statistics.ts';

/** One run of a program. */
export interface MeasuredImage extends Measured {
  /** Images built meanwhile. */
  readonly builds: number;
  /** Manifests that were put under a tag. */
  readonly pushes: number;
  /** Seconds that the process of the local AWS kept a core busy; undefined if that cannot be read. */
  readonly busy?: number;
}

/** A way of ours to publish, measured in its parts. */
export interface Publication {
  readonly contender: string;
  /** Seconds of one destination alone, the image built before, for each destination. */
  readonly singles: readonly number[];
  /** All destinations, the image not built before. */
  readonly all: MeasuredImage;
  /** Once more. */
  readonly unchanged: MeasuredImage;
}

/** One run of everything. */
export interface Run {
  /** Seconds of the container tool's own build, alone. */
  readonly build: number;
  readonly publications: readonly Publication[];
  /** Ways to bring the stacks to AWS, image included. */
  readonly deployments: readonly Measurement<MeasuredImage>[];
}

/** All that was measured. */
export interface Measurements {
  readonly targets: number;
  readonly delay: number;
  readonly sizes: readonly { readonly megabytes: number; readonly runs: readonly Run[] }[];
  readonly machine: Machine;
}

/** The report as people read it: for each size two tables, what limits them, and what is promised. */
export function reportImages(measurements: Measurements): string {
  const { targets, delay, sizes, machine } = measurements;
  const runs = sizes[0]?.runs.length ?? 0;
  return [
    `One image of one layer to ${targets} accounts and regions, ${delay} ms added to every request${runs > 1 ? `, ${runs} runs: medians (least - most)` : ''}`,
    ...sizes.flatMap((size) => [
      '',
      `${size.megabytes} MB`,
      '',
      ...publicationsTable(size.runs),
      '',
      ...deploymentsTable(size.runs),
    ]),
    '',
    `Seconds include the start of every tool. "build": the container tool's own, alone. "a push": one destination alone, the image built before, from the start of the`,
    `tool to the digest that the repository tells; the slowest and the median of all ${targets}. "all": build and pushes together. "ratio": all / (build + slowest push);`,
    '"by median": all / (build + median push), which is the truer one where others use the machine and hold up one push of many.',
    '"AWS busy": for how much of that time the one process of the local AWS kept a core busy. It takes in all pushes, on this machine: near 100 %, it is what is waited for,',
    `and a real registry has no such limit. "slower": how many times as long as nx deploy took. ${describeMachine(machine)}`,
    '',
    ...promised(goalsOfImages(measurements)),
  ].join('\n');
}

/** Each way to publish, with every run of it. */
function byPublisher(runs: readonly Run[]): [contender: string, each: (Publication & { readonly build: number })[]][] {
  const all = runs.flatMap(({ build, publications }) => publications.map((own) => ({ ...own, build })));
  return [...Map.groupBy(all, ({ contender }) => contender)];
}

/** How many times as long all took as the build and one single push, one after the other. */
const RATIOS = {
  slowest: ({ build, singles, all }: Publication & { build: number }) => all.seconds / (build + Math.max(...singles)),
  // The slowest of many is one that a busy machine held up.
  median: ({ build, singles, all }: Publication & { build: number }) =>
    all.seconds / (build + spreadOf(singles).median),
};

function publicationsTable(runs: readonly Run[]): string[] {
  const heading = [
    'build',
    'a push',
    'median',
    'all',
    'ratio',
    'by median',
    'builds',
    'pushes',
    'AWS busy',
    'unchanged',
  ];
  const rows = byPublisher(runs).map(([contender, each]) => {
    const spread = (value: (one: (typeof each)[number]) => number, digits?: number) =>
      text(spreadOf(each.map(value)), digits);
    return [
      contender,
      spread(({ build }) => build),
      spread(({ singles }) => Math.max(...singles)),
      spread(({ singles }) => spreadOf(singles).median),
      spread(({ all }) => all.seconds),
      spread(RATIOS.slowest, 2),
      spread(RATIOS.median, 2),
      spread(({ all }) => all.builds).replaceAll('.0', ''),
      spread(({ all }) => all.pushes).replaceAll('.0', ''),
      busyShare(each.map(({ all }) => all)),
      spread(({ unchanged }) => unchanged.seconds),
    ];
  });
  return table([['publish', ...heading], ...rows]);
}

function busyShare(measured: readonly MeasuredImage[]): string {
  const shares = measured.flatMap(({ busy, seconds }) => (busy === undefined ? [] : [(100 * busy) / seconds]));
  return shares.length === 0 ? '?' : `${Math.round(spreadOf(shares).median)} %`;
}

function deploymentsTable(runs: readonly Run[]): string[] {
  const deployments = runs.map((run) => run.deployments);
  return comparison(deployments, 'deploy', [
    ['requests', 'cold', CELLS.requests],
    ['seconds', 'cold', CELLS.seconds],
    ['slower', 'cold', CELLS.slower],
    ['builds', 'cold', (spread) => String(spread(({ builds }) => builds).median)],
    ['unchanged', 'unchanged', CELLS.seconds],
    ['requests', 'unchanged', CELLS.requests],
    ['slower', 'unchanged', CELLS.slower],
  ]);
}

/** Compares with what is promised; the worst run counts. */
export function goalsOfImages({ sizes, targets }: Measurements): Goal[] {
  return sizes.flatMap(({ megabytes, runs }) => {
    const publishers = byPublisher(runs);
    const ours = publishers.flatMap(([contender, each]) => (isOurs(contender) ? each.map(({ all }) => all) : []));
    const counts = (field: 'builds' | 'pushes') => [...new Set(ours.map((all) => all[field]))].join(', ');
    return [
      {
        promise: `${megabytes} MB: one build, ${targets} pushes`,
        measured: `${counts('builds')} and ${counts('pushes')}`,
        met: ours.every(({ builds, pushes }) => builds === 1 && pushes === targets),
      },
      ...publishers.map(([contender, each]) => {
        const worst = Math.max(...each.map(RATIOS.slowest));
        return {
          promise: `${megabytes} MB, ${contender}: at most 1.5 times the slowest single push and the build`,
          measured: `${worst.toFixed(2)} times`,
          met: worst <= 1.5,
        };
      }),
    ];
  });
}
