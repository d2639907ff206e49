import type { Measurement } from '../measure.ts';
import { table } from '../report.ts';
import { goalsOfStacks as goals, type Measurements, reportStacks as report } from './report.ts';

const rival = 'cdk deploy --all --concurrency 10';

function measured(contender: string, cold: number, unchanged: number, requests = 50): Measurement {
  return {
    contender,
    cache: 'none',
    cold: { requests: requests * 4, seconds: cold, actions: {} },
    unchanged: { requests, seconds: unchanged, actions: {} },
  };
}

function measurements(...runs: Measurement[][]): Measurements {
  return { stacks: 40, accounts: 2, delay: 100, runs, synth: { cached: [2], stock: [5] } };
}

describe('what is promised', () => {
  test('is kept by few requests and little time', () => {
    const kept = goals(measurements([measured('nx deploy app', 7, 3), measured(rival, 15, 10, 264)]));
    expect(kept.map(({ met }) => met)).toEqual([true, true, true, true, true]);
    expect(kept[0]).toMatchObject({ measured: '50 (1.3 a stack)' });
  });

  test('is broken by a request too many', () => {
    const [unchanged, cold] = goals(measurements([measured('nx deploy app', 7, 3, 99)]));
    expect(unchanged).toMatchObject({ measured: '99 (2.5 a stack)', met: false });
    expect(cold).toMatchObject({ measured: '396 (9.9 a stack)', met: false });
  });

  test('is broken where the runs are too near, though the medians are not', () => {
    const slowOnce = measurements(
      [measured('nx deploy app', 7, 3), measured(rival, 15, 10)],
      [measured('nx deploy app', 7, 3), measured(rival, 15, 10)],
      [measured('nx deploy app', 12, 3), measured(rival, 15, 10)],
    );
    const cold = goals(slowOnce).find(({ promise }) => promise.startsWith('cold: at least'));
    expect(cold).toMatchObject({ measured: '2.1 times, slowest against fastest 1.3 times', met: false });
  });

  test('of memory is about the process that deploys; what Nx needs beside it is shown', () => {
    const megabyte = 1024 * 1024;
    const last = (process: number) => {
      const memory = { stacks: 1000, seconds: 60, peak: { process: process * megabyte, tree: 700 * megabyte } };
      return goals({ ...measurements([measured('nx deploy app', 7, 3)]), memory }).at(-1);
    };
    expect(last(400)).toMatchObject({
      measured: expect.stringContaining('400 MB in the largest process, 700 MB'),
      met: true,
    });
    expect(last(600)).toMatchObject({ met: false });
  });
});

describe('the report', () => {
  test('shows requests and seconds of every contender in one table, this workspace first', () => {
    const text = report(measurements([measured(rival, 15, 10, 264), measured('nx deploy app', 7.5, 2.5)]));
    const rows = text.split('\n').filter((line) => /^(nx|cdk) deploy.* \d/.test(line));
    expect(rows.map((row) => row.split(/\s{2,}/))).toEqual([
      ['nx deploy app', '200', '5.0', '7.5', '50', '1.3', '2.5'],
      [rival, '1056', '26.4', '15.0', '2.0x', '264', '6.6', '10.0', '4.0x'],
    ]);
  });

  test('does not claim what overlapping runs do not show', () => {
    const text = report(
      measurements(
        [measured('nx deploy app', 7, 3), measured(rival, 8, 10)],
        [measured('nx deploy app', 9, 3), measured(rival, 12, 10)],
      ),
    );
    expect(text).toContain('8.0 (7.0 - 9.0)');
    expect(text).toContain('~1.3x');
    expect(text).toContain(' 3.3x');
    expect(text).not.toContain('~3.3x');
  });

  test('aligns numbers to the right', () => {
    expect(
      table([
        ['name', 'n'],
        ['a', '10'],
        ['long name', '9'],
      ]),
    ).toEqual(['name        n', '-------------', 'a          10', 'long name   9']);
  });
});
