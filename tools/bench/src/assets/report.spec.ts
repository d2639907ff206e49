import type { Measurement } from '../measure.ts';
import { MEGABYTE } from '../process-memory.ts';
import {
  goalsOfAssets as goals,
  type MeasuredWithMemory,
  type Measurements,
  reportAssets as report,
} from './report.ts';

const rival = 'cdk-assets publish, a manifest at a time';

function measured(
  contender: string,
  cold: number,
  unchanged: number,
  megabytes = 300,
): Measurement<MeasuredWithMemory> {
  const one = (seconds: number, requests: number) => ({
    seconds,
    requests,
    memory: { process: megabytes * MEGABYTE, tree: 2 * megabytes * MEGABYTE },
    actions: {},
  });
  return { contender, cache: 'none', cold: one(cold, 4000), unchanged: one(unchanged, 2000) };
}

function measurements(...runs: Measurement<MeasuredWithMemory>[][]): Measurements {
  const reads = [
    { contender: 'nx publish app', files: 700, opened: 700, most: 1 },
    { contender: rival, files: 700, opened: 1400, most: 10 },
  ];
  return { assets: 200, files: 700, targets: 10, delay: 50, runs, machine: { cores: 2, load: 0.5 }, reads };
}

describe('what is promised', () => {
  test('is kept by a tenth of the time, one opening of each file and little memory', () => {
    const kept = goals(measurements([measured('nx publish app', 20, 10), measured(rival, 400, 120)]));
    expect(kept.map(({ measured, met }) => [measured, met])).toEqual([
      ['700 of 700 files, opened 700 times, none more than once', true],
      ['300 MB in the largest process', true],
      ['20.0 times', true],
      ['12.0 times', true],
    ]);
  });

  test('is broken by a file that is opened twice, by 400 MB, and by a ninth of the time', () => {
    const all = measurements([measured('nx publish app', 20, 10, 400), measured(rival, 180, 90)]);
    const broken = goals({ ...all, reads: [{ contender: 'nx publish app', files: 700, opened: 701, most: 2 }] });
    expect(broken.map(({ met }) => met)).toEqual([false, false, false, false]);
    expect(broken[0]).toMatchObject({ measured: '700 of 700 files, opened 701 times, none more than 2 times' });
  });

  test('is broken where the runs are too near, though the medians are not', () => {
    const [, , cold] = goals(
      measurements(
        [measured('nx publish app', 20, 10), measured(rival, 400, 120)],
        [measured('nx publish app', 20, 10), measured(rival, 400, 120)],
        [measured('nx publish app', 50, 10), measured(rival, 400, 120)],
      ),
    );
    expect(cold).toMatchObject({ measured: '20.0 times, slowest against fastest 8.0 times', met: false });
  });
});

describe('the report', () => {
  test('shows requests, seconds and memory of every contender in one table, this workspace first', () => {
    const text = report(measurements([measured(rival, 400, 120, 150), measured('nx publish app', 20, 10)]));
    const rows = text.split('\n').filter((line) => /^(nx publish app|cdk-assets).* \d{4} /.test(line));
    expect(rows.map((row) => row.split(/\s{2,}/))).toEqual([
      ['nx publish app', '4000', '20.0', '300', '2000', '10.0', '300'],
      [rival, '4000', '400.0', '20.0x', '150', '2000', '120.0', '12.0x', '150'],
    ]);
  });

  test('says how often files were opened, or that nobody could look', () => {
    const all = measurements([measured('nx publish app', 20, 10)]);
    expect(report(all)).toMatch(/cdk-assets publish, a manifest at a time +700 +2\.0 +10/);
    const blind = report({ ...all, reads: undefined });
    expect(blind).toContain('How often files are read is not shown');
    expect(blind).not.toContain('each file is read once');
  });
});
