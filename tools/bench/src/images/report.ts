import { promised } from '../goal.ts';
import { describeMachine } from '../machine.ts';
import { spreadOf } from '../statistics.ts';
import { slower, table, text } from '../table.ts';
import { goals } from './goals.ts';
import { isOurs, type Measured, type Measurements, ratioOf, type Run } from './measurement.ts';

/** The report as people read it: for each size two tables, what limits them, and what is promised. */
export function report(measurements: Measurements): string {
  const { targets, delay, sizes, machine } = measurements;
  const several = (sizes[0]?.runs.length ?? 0) > 1;
  return [
    `One image of one layer to ${targets} accounts and regions, ${delay} ms added to every request${several ? `, ${sizes[0]!.runs.length} runs: medians (least - most)` : ''}`,
    ...sizes.flatMap(({ megabytes, runs }) => [
      '',
      `${megabytes} MB`,
      '',
      ...publications(runs),
      '',
      ...deployments(runs),
    ]),
    '',
    `Seconds include the start of every tool. "build": the container tool's own, alone. "a push": one destination alone, the image built before, from the start of the`,
    `tool to the digest that the repository tells; the slowest and the median of all ${targets}. "all": build and pushes together. "ratio": all / (build + slowest push);`,
    '"by median": all / (build + median push), which is the truer one where others use the machine and hold up one push of many.',
    '"AWS busy": for how much of that time the one process of the local AWS kept a core busy. It takes in all pushes, on this machine: near 100 %, it is what is waited for,',
    `and a real registry has no such limit. "slower": how many times as long as nx deploy took. ${describeMachine(machine)}`,
    '',
    ...promised(goals(measurements)),
  ].join('\n');
}

function publications(runs: readonly Run[]): string[] {
  const rows = [
    ['publish', 'build', 'a push', 'median', 'all', 'ratio', 'by median', 'builds', 'pushes', 'AWS busy', 'unchanged'],
  ];
  for (const { contender } of runs[0]?.publications ?? []) {
    const each = runs.map((run) => ({ run, own: run.publications.find((one) => one.contender === contender)! }));
    const spread = (value: (one: (typeof each)[number]) => number) => text(spreadOf(each.map(value)));
    const ratio = (single: 'slowest' | 'median') => {
      const { median, least, most, count } = spreadOf(each.map(({ run, own }) => ratioOf(run, own, single)));
      return count === 1 ? median.toFixed(2) : `${median.toFixed(2)} (${least.toFixed(2)} - ${most.toFixed(2)})`;
    };
    rows.push([
      contender,
      spread(({ run }) => run.build),
      spread(({ own }) => Math.max(...own.singles)),
      spread(({ own }) => spreadOf(own.singles).median),
      spread(({ own }) => own.all.seconds),
      ratio('slowest'),
      ratio('median'),
      spread(({ own }) => own.all.builds).replaceAll('.0', ''),
      spread(({ own }) => own.all.pushes).replaceAll('.0', ''),
      busy(each.map(({ own }) => own.all)),
      spread(({ own }) => own.unchanged.seconds),
    ]);
  }
  return table(rows);
}

function deployments(runs: readonly Run[]): string[] {
  const rows = [['deploy', 'requests', 'seconds', 'slower', 'builds', 'unchanged', 'requests', 'slower']];
  const of = (contender: string, phase: 'cold' | 'unchanged', value: (measured: Measured) => number) =>
    spreadOf(runs.map((run) => value(run.deployments.find((one) => one.contender === contender)![phase])));
  const seconds = (measured: Measured) => measured.seconds;
  const names = (runs[0]?.deployments ?? []).map(({ contender }) => contender);
  const ours = names.find(isOurs);
  for (const name of names) {
    const compared = (phase: 'cold' | 'unchanged') =>
      ours === undefined || name === ours ? '' : slower(of(ours, phase, seconds), of(name, phase, seconds));
    rows.push([
      name,
      String(of(name, 'cold', ({ requests }) => requests).median),
      text(of(name, 'cold', seconds)),
      compared('cold'),
      String(of(name, 'cold', ({ builds }) => builds).median),
      text(of(name, 'unchanged', seconds)),
      String(of(name, 'unchanged', ({ requests }) => requests).median),
      compared('unchanged'),
    ]);
  }
  return table(rows);
}

function busy(measured: readonly Measured[]): string {
  const shares = measured.flatMap((each) => (each.busy === undefined ? [] : [(100 * each.busy) / each.seconds]));
  return shares.length === 0 ? '?' : `${Math.round(spreadOf(shares).median)} %`;
}
