import { promised } from '../goal.ts';
import { describeMachine } from '../machine.ts';
import { MEGABYTE } from '../process-memory.ts';
import { spreadOf } from '../statistics.ts';
import { slower, table, text } from '../table.ts';
import { goals } from './goals.ts';
import { byContender, isOurs, type Measured, type Measurements } from './measurement.ts';

/** The report as people read it: one table, how often files were read, and what is promised. */
export function report(measurements: Measurements): string {
  const { assets, files, targets, delay, runs, machine, reads } = measurements;
  const grouped = byContender(runs);
  const several = runs.length > 1;
  const lines = [
    `${assets} file assets (${files} files) to ${targets} accounts and regions, ${delay} ms added to every request, ${runs.length} run${several ? 's: medians (least - most)' : ''}`,
    '',
    ...comparison(grouped),
    '',
    'Everybody publishes the same assembly, templates included. Seconds include the start of every tool. Cold: empty buckets. MB: of the largest process.',
    describeMachine(machine),
    `"slower": how many times as long as nx publish took${several ? '; a ~ where the runs overlap, so that nothing is shown' : ''}. What is kept between runs:`,
    ...[...grouped].map(([name, [first]]) => `  ${name}: ${first!.cache}`),
    '',
  ];
  if (reads === undefined)
    lines.push('How often files are read is not shown: there is no strace here, or it may not look.');
  else
    lines.push(
      'One more cold publication, under strace',
      ...table([
        ['', 'files opened', 'times each', 'most'],
        ...reads.map((each) => [
          each.contender,
          String(each.files),
          each.files === 0 ? '' : (each.opened / each.files).toFixed(1),
          String(each.most),
        ]),
      ]),
    );
  return [...lines, '', ...promised(goals(measurements))].join('\n');
}

function comparison(grouped: ReturnType<typeof byContender>): string[] {
  const half = ['requests', 'seconds', 'slower', 'MB'];
  const rows = [['', ...half, ...half]];
  const ours = [...grouped].find(([name]) => isOurs(name))?.[1];
  for (const [name, measurements] of grouped) {
    const cells = (['cold', 'unchanged'] as const).flatMap((phase) => {
      const spread = (value: (measured: Measured) => number) =>
        spreadOf(measurements.map((measurement) => value(measurement[phase])));
      const seconds = spread((measured) => measured.seconds);
      const baseline = ours && spreadOf(ours.map((measurement) => measurement[phase].seconds));
      return [
        String(spread((measured) => measured.requests).median),
        text(seconds),
        baseline && !isOurs(name) ? slower(baseline, seconds) : '',
        String(Math.round(spread((measured) => measured.memory.process).most / MEGABYTE)),
      ];
    });
    rows.push([name, ...cells]);
  }
  const lines = table(rows);
  // What the two halves are, above their columns.
  const [first, second] = [lines[0]!.indexOf('requests'), lines[0]!.lastIndexOf('requests')];
  return [`${' '.repeat(first)}cold`.padEnd(second) + 'nothing changed', ...lines];
}
