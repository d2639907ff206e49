import { reportDev } from './report.ts';

const machine = { cores: 2, load: 0.1 } as never;
const idle = { requests: 2, seconds: 0.1 };

test('tells the medians, and which promises are kept', () => {
  const ours = { name: 'nx dev watched', handler: [1.2, 0.8, 1], stack: [6, 4, 7], idle };
  const theirs = { name: 'cdk watch', handler: [4, 3.5, 3.6], stack: [9, 9, 9], idle };
  const report = reportDev({ delay: 100, idle: 30, runs: [[ours, theirs]], machine });
  expect(report).toMatch(/nx dev watched +1\.0 \(0\.8 - 1\.2\) +6\.0 \(4\.0 - 7\.0\) +2 +0\.1/);
  expect(report).toContain('kept    edit of a handler: at most 1.5 s: 1.00 s');
  expect(report).toContain('kept    edit of a handler: at least 3 times as fast as cdk watch: 3.6 times');
  expect(report).toContain('BROKEN  edit of a stack: at most 5 s: 6.00 s');
  expect(report).toContain('BROKEN  edit of a stack: at least 2 times as fast as cdk watch: 1.5 times');
});

test('promises nothing beside somebody who did not take part', () => {
  const ours = { name: 'nx dev watched', handler: [1], stack: [4], idle };
  expect(reportDev({ delay: 100, idle: 30, runs: [[ours]], machine })).not.toContain('cdk watch');
});
