import { createProgress, registerSecret, type ProgressEvent } from './index.ts';
import { FakeLog } from './fake-terminal.ts';

function json(verbose: boolean) {
  const log = new FakeLog();
  const now = (): number => Date.UTC(2026, 10, 1, 12, 0, 0, 5);
  const progress = createProgress({
    format: 'json',
    verbose,
    stdout: log,
    stderr: log,
    env: { FORCE_COLOR: '1' },
    now,
  });
  return { log, progress };
}

const EVENTS: readonly ProgressEvent[] = [
  { type: 'run-started', action: 'deploy', items: 1, subject: 'infra' },
  { type: 'item-started', id: 'd', label: 'staging/Data', where: '111111111111/eu-west-1' },
  { type: 'item-progress', id: 'd', step: 'creating', done: 1, total: 3, milestone: true },
  { type: 'message', level: 'warning', text: 'two\nlines', id: 'd' },
  { type: 'message', level: 'debug', text: 'detail' },
  { type: 'aws-call', service: 's3', action: 'HeadObject', role: 'r', target: 'e', milliseconds: 1, attempts: 1 },
  { type: 'item-finished', id: 'd', outcome: 'created', lines: ['one'], milliseconds: 12.5 },
  { type: 'run-finished', success: true, summary: '1 stack', milliseconds: 20 },
];

describe('JSON lines', () => {
  test('given verbose, when a run passes, then every event is one line with its fields and an ISO time', () => {
    const { log, progress } = json(true);
    EVENTS.forEach(progress.listener);
    progress.stop();
    expect(log.lines.map((line) => JSON.parse(line))).toEqual(
      EVENTS.map((event) => ({ ...event, time: '2026-11-01T12:00:00.005Z' })),
    );
  });

  test('given no verbose, then AWS calls and debug messages are left out', () => {
    const { log, progress } = json(false);
    EVENTS.forEach(progress.listener);
    progress.stop();
    expect(log.lines.map((line) => JSON.parse(line).type)).toEqual([
      'run-started',
      'item-started',
      'item-progress',
      'message',
      'item-finished',
      'run-finished',
    ]);
  });

  test('given secrets with quotes, then the values are masked, the JSON stays whole, and outcomes stay readable', () => {
    const forget = [registerSecret('he said "no"'), registerSecret('failed')];
    const { log, progress } = json(false);
    progress.listener({
      type: 'item-finished',
      id: 'd',
      outcome: 'failed',
      lines: ['he said "no"', 'AWS_SESSION_TOKEN="abc"'],
      milliseconds: 1,
    });
    progress.stop();
    forget.forEach((each) => each());
    expect(JSON.parse(log.text)).toMatchObject({ outcome: 'failed', lines: ['****', 'AWS_SESSION_TOKEN="****"'] });
  });

  test('given a name that is a command to a CI, then no line has it, and its value is the same to a program', () => {
    const { log, progress } = json(false);
    const text = '##[add-mask]prod ##vso[task.complete]done ####';
    progress.listener({ type: 'message', level: 'info', text });
    progress.stop();
    expect(log.lines[0]).not.toMatch(/##/);
    expect(JSON.parse(log.lines[0]!)).toMatchObject({ text });
  });
});
