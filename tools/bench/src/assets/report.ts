import { isOurs, type Measured, type Runs } from '../measure.ts';
import { MEGABYTE, type Memory } from '../process-memory.ts';
import {
  bothPhases,
  byContender,
  caches,
  CELLS,
  describeMachine,
  type Goal,
  type Machine,
  overlaps,
  promised,
  speed,
  table,
  title,
} from '../report.ts';
import type { Reads } from './reads.ts';

/** One publication. */
export interface MeasuredWithMemory extends Measured {
  /** Of the process that was largest. */
  readonly memory: Memory;
}

/** All that was measured. */
export interface Measurements {
  readonly assets: number;
  /** Files that the assets are made of. */
  readonly files: number;
  readonly targets: number;
  readonly delay: number;
  readonly runs: Runs<MeasuredWithMemory>;
  readonly machine: Machine;
  /** How often the files were opened in one more cold publication; undefined if that cannot be counted. */
  readonly reads: readonly (Reads & { readonly contender: string })[] | undefined;
}

/** The report as people read it: one table, how often files were read, and what is promised. */
export function reportAssets(measurements: Measurements): string {
  const { assets, files, targets, delay, runs, machine, reads } = measurements;
  return [
    title(`${assets} file assets (${files} files) to ${targets} accounts and regions`, delay, runs),
    '',
    ...bothPhases(runs, {
      ...CELLS,
      MB: (spread) => String(Math.round(spread(({ memory }) => memory.process).most / MEGABYTE)),
    }),
    '',
    'Everybody publishes the same assembly, templates included. Seconds include the start of every tool. Cold: empty buckets. MB: of the largest process.',
    describeMachine(machine),
    `"slower": how many times as long as nx publish took${overlaps(runs)}. What is kept between runs:`,
    ...caches(runs),
    '',
    ...(reads ? ['One more cold publication, under strace', ...readsTable(reads)] : [UNSEEN]),
    '',
    ...promised(goalsOfAssets(measurements)),
  ].join('\n');
}

const UNSEEN = 'How often files are read is not shown: there is no strace here, or it may not look.';

function readsTable(reads: NonNullable<Measurements['reads']>): string[] {
  const rows = reads.map(({ contender, files, opened, most }) => [
    contender,
    String(files),
    files === 0 ? '' : (opened / files).toFixed(1),
    String(most),
  ]);
  return table([['', 'files opened', 'times each', 'most'], ...rows]);
}

/** Compares with what is promised. */
export function goalsOfAssets({ runs, files, reads }: Measurements): Goal[] {
  const own = reads?.find(({ contender }) => isOurs(contender));
  const [[, ours]] = byContender(runs) as [ReturnType<typeof byContender<MeasuredWithMemory>>[number]];
  const memory = Math.max(...ours.flatMap(({ cold, unchanged }) => [cold.memory.process, unchanged.memory.process]));
  const readOnce = own && {
    promise: 'each file is read once',
    measured: `${own.files} of ${files} files, opened ${own.opened} times, none more than ${own.most === 1 ? 'once' : `${own.most} times`}`,
    met: own.files === files && own.most === 1,
  };
  return [
    ...(readOnce ? [readOnce] : []),
    {
      promise: 'memory below 400 MB',
      measured: `${Math.round(memory / MEGABYTE)} MB in the largest process`,
      met: memory < 400 * MEGABYTE,
    },
    ...speed(runs, ['cold', 'unchanged'], 10, 'cdk-assets publish'),
  ];
}
