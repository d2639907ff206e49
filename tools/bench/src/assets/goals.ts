import type { Goal } from '../goal.ts';
import { MEGABYTE } from '../process-memory.ts';
import { ratio, spreadOf } from '../statistics.ts';
import { byContender, isOurs, type Measurements } from './measurement.ts';

/**
 * Compares with what is promised. A promise of speed is met only if our slowest run keeps it against the other's
 * fastest.
 */
export function goals({ runs, files, reads }: Measurements): Goal[] {
  const measured = byContender(runs);
  const ours = [...measured].find(([name]) => isOurs(name))?.[1] ?? [];
  const rival = [...measured].find(([name]) => name.startsWith('cdk-assets'))?.[1];
  const result: Goal[] = [];
  const own = reads?.find(({ contender }) => isOurs(contender));
  if (own)
    result.push({
      promise: 'each file is read once',
      measured: `${own.files} of ${files} files, opened ${own.opened} times, none more than ${own.most === 1 ? 'once' : `${own.most} times`}`,
      met: own.files === files && own.most === 1,
    });
  const memory = Math.max(...ours.flatMap(({ cold, unchanged }) => [cold.memory.process, unchanged.memory.process]));
  result.push({
    promise: 'memory below 400 MB',
    measured: `${Math.round(memory / MEGABYTE)} MB in the largest process`,
    met: memory < 400 * MEGABYTE,
  });
  for (const [phase, name] of [['cold', 'cold'] as const, ['unchanged', 'nothing changed'] as const]) {
    if (!rival) continue;
    const { median, atLeast } = ratio(
      spreadOf(ours.map((measurement) => measurement[phase].seconds)),
      spreadOf(rival.map((measurement) => measurement[phase].seconds)),
    );
    result.push({
      promise: `${name}: at least 10 times as fast as cdk-assets publish`,
      measured: `${median.toFixed(1)} times${runs.length > 1 ? `, slowest against fastest ${atLeast.toFixed(1)} times` : ''}`,
      met: atLeast >= 10,
    });
  }
  return result;
}
