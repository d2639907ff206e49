import { promised } from '../goal.ts';
import { spreadOf } from '../statistics.ts';
import { slower, table, text } from '../table.ts';
import { goals } from './goals.ts';
import { byContender, isOurs, type Measurement, type Measurements } from './measurement.ts';

/** The report as people read it: one table, what it leaves out, and what is promised. */
export function report(measurements: Measurements): string {
  const { stacks, accounts, delay, runs, synth } = measurements;
  const grouped = byContender(runs);
  const lines = [
    `${stacks} small stacks in ${accounts} accounts, ${delay} ms added to every request, ${runs.length} run${runs.length === 1 ? '' : 's'}${runs.length > 1 ? ': medians (least - most)' : ''}`,
    '',
    ...comparison(grouped, stacks),
    '',
    'Seconds include the start of every tool, synth, publishing and deploying. Each deployed once before that, unmeasured. Cold: freshly bootstrapped accounts. "slower": how many times as long as',
    `this workspace took${runs.length > 1 ? '; a ~ where the runs overlap, so that nothing is shown' : ''}. What may come from a cache:`,
    ...[...grouped].map(([name, [first]]) => `  ${name}: ${first!.cache}`),
  ];
  if (synth.cached.length > 0)
    lines.push(
      '',
      ...table([
        ['synth', 'seconds'],
        ['nx run-many -t synth, all apps, cached', text(spreadOf(synth.cached))],
        ['cdk synth of the one app', text(spreadOf(synth.stock))],
      ]),
    );
  return [...lines, '', ...promised(goals(measurements))].join('\n');
}

function comparison(grouped: ReadonlyMap<string, readonly Measurement[]>, stacks: number): string[] {
  const heading = ['', 'cold', 'requests', 'a stack', 'seconds', 'slower'];
  const rows = [[...heading, 'unchanged', ...heading.slice(2)].filter((name) => !['cold', 'unchanged'].includes(name))];
  const ours = [...grouped].find(([name]) => isOurs(name))?.[1];
  for (const [name, measurements] of grouped) {
    const cells = (['cold', 'unchanged'] as const).flatMap((phase) => {
      const requests = spreadOf(measurements.map((measurement) => measurement[phase].requests));
      const seconds = spreadOf(measurements.map((measurement) => measurement[phase].seconds));
      const baseline = ours && spreadOf(ours.map((measurement) => measurement[phase].seconds));
      return [
        String(requests.median),
        (requests.median / stacks).toFixed(1),
        text(seconds),
        baseline && !isOurs(name) ? slower(baseline, seconds) : '',
      ];
    });
    rows.push([name, ...cells]);
  }
  const lines = table(rows);
  // What the two halves are, above their columns.
  const half = lines[0]!.indexOf('requests');
  const otherHalf = lines[0]!.lastIndexOf('requests');
  return [`${' '.repeat(half)}cold`.padEnd(otherHalf) + 'nothing changed', ...lines];
}
