import { MEGABYTE } from '../process-memory.ts';
import { reportPages } from './report.ts';

const machine = { cores: 2, load: 0.1 } as never;

test('tells what a page costs beside the fastest deployment without one, and which promises are kept', () => {
  const cost = (seconds: number, busy: number) => ({ seconds, busy });
  const pairs = [
    { with: cost(1.2, 0.52), without: cost(1, 0.5) },
    { with: cost(2.4, 0.62), without: cost(2, 0.6) },
    { with: cost(1.5, 0.51), without: cost(1.6, 0.49) },
  ];
  const slow = pairs.map((pair) => ({ ...pair, with: cost(3, 0.6) }));
  const report = reportPages({
    delay: 0,
    cases: [
      { stacks: 4, phase: 'changed', pairs },
      { stacks: 40, phase: 'unchanged', pairs: slow },
    ],
    memory: { stacks: 1000, with: [350 * MEGABYTE], without: [300 * MEGABYTE] },
    machine,
  });
  expect(report).toMatch(/4 stacks, changed +1\.50 \(1\.20 - 2\.40\) +1\.60 .* +0\.52 .* +0\.50 .* +20/);
  expect(report).toContain('kept    4 stacks, changed: a page costs at most 3 % of the time: 2.0 %');
  expect(report).toContain('BROKEN  40 stacks, unchanged: a page costs at most 3 % of the time: 10.0 %');
  expect(report).toContain('BROKEN  1000 stacks: a page takes at most 40 MB: 50 MB (350 with, 300 without)');
});
