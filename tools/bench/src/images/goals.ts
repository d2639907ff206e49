import type { Goal } from '../goal.ts';
import { isOurs, type Measurements, ratioOf, type Run } from './measurement.ts';

/** Compares with what is promised; the worst run counts. */
export function goals({ sizes, targets }: Measurements): Goal[] {
  return sizes.flatMap(({ megabytes, runs }) => [
    ...once(megabytes, runs, targets),
    ...contendersOf(runs).map((contender) => {
      const ratios = runs.flatMap((run) =>
        run.publications.filter((each) => each.contender === contender).map((each) => ratioOf(run, each, 'slowest')),
      );
      const worst = Math.max(...ratios);
      return {
        promise: `${megabytes} MB, ${contender}: at most 1.5 times the slowest single push and the build`,
        measured: `${worst.toFixed(2)} times`,
        met: worst <= 1.5,
      };
    }),
  ]);
}

function contendersOf(runs: readonly Run[]): string[] {
  return (runs[0]?.publications ?? []).map(({ contender }) => contender);
}

function once(megabytes: number, runs: readonly Run[], targets: number): Goal[] {
  const all = runs.flatMap(({ publications }) => publications.filter(({ contender }) => isOurs(contender)));
  const of = (field: 'builds' | 'pushes') => [...new Set(all.map((each) => each.all[field]))].join(', ');
  return [
    {
      promise: `${megabytes} MB: one build, ${targets} pushes`,
      measured: `${of('builds')} and ${of('pushes')}`,
      met: all.every((each) => each.all.builds === 1 && each.all.pushes === targets),
    },
  ];
}
