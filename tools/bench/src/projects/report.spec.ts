import { goalsOfProjects, type Measurements, reportProjects, type Run } from './report.ts';

const run = (without: number, more: number): Run => ({ without, with: without + more });

const measured = (...noDaemon: Run[]): Measurements => ({
  apps: 20,
  nx: '23.2.1',
  noDaemon,
  daemon: noDaemon.map(() => run(300, 5)),
  machine: { cores: 2, load: 0.5 },
});

test('the promise is kept by medians, whatever one run took', () => {
  const goals = goalsOfProjects(measured(run(1000, 150), run(1000, 150), run(1000, 900)));
  expect(goals.map(({ measured, met }) => [measured, met])).toEqual([
    ['150 ms', true],
    ['5 ms', true],
  ]);
});

test('the promise is broken by a median that is higher', () => {
  expect(goalsOfProjects(measured(run(1000, 151)))[0]).toMatchObject({ measured: '151 ms', met: false });
});

test('the report shows both medians, their spread and their difference', () => {
  const lines = reportProjects(measured(run(1000, 100), run(1100, 100), run(1200, 100))).split('\n');
  const row = lines.find((line) => line.startsWith('no daemon'));
  expect(row!.split(/\s{2,}/)).toEqual(['no daemon', '1100 (1000 - 1200)', '1200 (1100 - 1300)', '100']);
  expect(lines[0]).toMatch(/^nx show projects with Nx 23\.2\.1 in a workspace of 20 CDK apps, 3 runs/);
});
