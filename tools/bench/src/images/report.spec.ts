import {
  goalsOfImages as goals,
  type Measurements,
  type Publication,
  reportImages as report,
  type Run,
} from './report.ts';

const once = (seconds: number) => ({ seconds, builds: 1, pushes: 20, requests: 300, actions: {}, busy: seconds / 2 });

function publication(contender: string, singles: number[], all: number): Publication {
  return { contender, singles, all: once(all), unchanged: { ...once(1), builds: 0, pushes: 0 } };
}

function measurements(...runs: Run[]): Measurements {
  return { targets: 20, delay: 0, sizes: [{ megabytes: 5, runs }], machine: { load: 0.5, cores: 2 } };
}

const run = (all: number): Run => ({
  build: 1,
  publications: [publication('nx publish app', [2, 1.5, 1.8], all)],
  deployments: [
    { contender: 'nx deploy app', cache: 'none', cold: once(10), unchanged: once(4) },
    { contender: 'cdk deploy --all', cache: 'none', cold: once(50), unchanged: once(12) },
  ],
});

describe('what is promised', () => {
  test('is kept where all take no longer than one and a half times the build and the slowest push', () => {
    expect(goals(measurements(run(4.5))).map(({ measured, met }) => [measured, met])).toEqual([
      ['1 and 20', true],
      ['1.50 times', true],
    ]);
  });

  test('is broken by one run that takes longer, and by a second build', () => {
    const slow = run(4.8);
    const [own] = slow.publications;
    const twice = { ...slow, publications: [{ ...own!, all: { ...own!.all, builds: 2 } }] };
    expect(goals(measurements(run(4), twice)).map(({ measured, met }) => [measured, met])).toEqual([
      ['1, 2 and 20', false],
      ['1.60 times', false],
    ]);
  });
});

describe('the report', () => {
  test('shows the parts, the whole and their ratio, and how busy the local AWS was', () => {
    const row = report(measurements(run(4)))
      .split('\n')
      .find((line) => line.startsWith('nx publish app'));
    expect(row!.split(/\s{2,}/)).toEqual([
      'nx publish app',
      '1.0',
      '2.0',
      '1.8',
      '4.0',
      '1.33',
      '1.43',
      '1',
      '20',
      '50 %',
      '1.0',
    ]);
  });

  test('shows both tools that deploy side by side', () => {
    expect(report(measurements(run(4)))).toMatch(/cdk deploy --all +300 +50\.0 +5\.0x +1 +12\.0 +300 +3\.0x/);
  });

  test('shows the spread of several runs', () => {
    const text = report(measurements(run(4), run(5), run(4.5)));
    expect(text).toContain('4.5 (4.0 - 5.0)');
    expect(text).toContain('1.50 (1.33 - 1.67)');
  });
});
