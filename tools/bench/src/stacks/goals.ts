import type { Goal } from '../goal.ts';
import { MEGABYTE } from '../process-memory.ts';
import { ratio, spreadOf } from '../statistics.ts';
import { byContender, isOurs, type Measurements } from './measurement.ts';

/**
 * Compares with what is promised. A promise of speed is met only if our slowest run keeps it against the other's
 * fastest.
 */
export function goals({ stacks, runs, synth, memory }: Measurements): Goal[] {
  const measured = byContender(runs);
  const ours = [...measured].find(([name]) => isOurs(name))?.[1] ?? [];
  const rival = [...measured].find(([name]) => name.includes('--concurrency 10'))?.[1];
  const result: Goal[] = [];

  const requests = (phase: 'cold' | 'unchanged', most: number, promise: string) => {
    const worst = Math.max(...ours.map((measurement) => measurement[phase].requests));
    result.push({ promise, measured: `${worst} (${(worst / stacks).toFixed(1)} a stack)`, met: worst <= most });
  };
  requests('unchanged', 2.2 * stacks + 10, 'nothing changed: at most 2.2 requests a stack and 10');
  requests('cold', 9 * stacks, 'cold: at most 9 requests a stack');

  for (const [phase, name] of [['unchanged', 'nothing changed'] as const, ['cold', 'cold'] as const]) {
    if (!rival) continue;
    const { median, atLeast } = ratio(
      spreadOf(ours.map((measurement) => measurement[phase].seconds)),
      spreadOf(rival.map((measurement) => measurement[phase].seconds)),
    );
    result.push({
      promise: `${name}: at least 2 times as fast as cdk deploy --all --concurrency 10`,
      measured: `${median.toFixed(1)} times${runs.length > 1 ? `, slowest against fastest ${atLeast.toFixed(1)} times` : ''}`,
      met: atLeast >= 2,
    });
  }
  if (synth.cached.length > 0 && synth.stock.length > 0) {
    const { median, atLeast } = ratio(spreadOf(synth.cached), spreadOf(synth.stock));
    result.push({
      promise: 'cached nx run-many -t synth: under half of cdk synth of one app',
      measured: `${(1 / median).toFixed(2)} of it`,
      met: atLeast > 2,
    });
  }
  if (memory)
    result.push({
      promise: `deploy of ${memory.stacks} stacks (${Math.round(memory.seconds)} s, no delay): below 600 MB`,
      measured: `${Math.round(memory.peak.process / MEGABYTE)} MB in the largest process, ${Math.round(memory.peak.tree / MEGABYTE)} MB with Nx and its helpers, shared pages counted in each`,
      met: memory.peak.process < 600 * MEGABYTE,
    });
  return result;
}
