import { jest } from '@jest/globals';
import stringWidth from 'string-width';
import { createProgress, registerSecret, type ProgressEvent } from './index.ts';
import { FakeTerminal } from './fake-terminal.ts';

const started = (items: number): ProgressEvent => ({ type: 'run-started', action: 'deploy', items, subject: 'infra' });
const item = (id: string, label = `staging/${id}`): ProgressEvent => ({
  type: 'item-started',
  id,
  label,
  where: '111111111111/eu-west-1',
});
const finished = (id: string): ProgressEvent => ({
  type: 'item-finished',
  id,
  outcome: 'updated',
  milliseconds: 1_000,
});
const done: ProgressEvent = { type: 'run-finished', success: true, summary: '2 stacks', milliseconds: 1_500 };

describe('live view', () => {
  beforeEach(() => {
    // setImmediate stays real: log-update is loaded in the background, and the tests wait for that.
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  async function live({ columns = 80, rows = 24, verbose = false } = {}) {
    const terminal = new FakeTerminal(columns, rows);
    const progress = createProgress({
      format: 'auto',
      verbose,
      stdout: terminal,
      stderr: terminal,
      env: { TERM: 'xterm', NO_COLOR: '1' },
    });
    await import('log-update');
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    jest.advanceTimersByTime(200);
    return { terminal, progress, say: (...events: ProgressEvent[]) => events.forEach(progress.listener) };
  }

  test('given running stacks, then each has a line with count, elapsed time and step, above a footer', async () => {
    const { terminal, progress, say } = await live();
    say(started(5), item('Data'), item('Service'));
    say({ type: 'item-progress', id: 'Data', step: 'AWS::SQS::Queue Queue CREATE_IN_PROGRESS', done: 3, total: 12 });
    say({ type: 'item-progress', id: 'Service', step: 'uploading', done: 5_000_000, total: 20_000_000 });
    jest.advanceTimersByTime(12_000);
    expect(terminal.screen).toEqual([
      'deploy: infra',
      expect.stringMatching(/^. staging\/Data {4}111111111111\/eu-west-1 3\/12 12 s · AWS::SQS::Queue Queue CRE…$/u),
      expect.stringMatching(/^. staging\/Service 111111111111\/eu-west-1 25 % 12 s · uploading$/u),
      '0 of 5 done, 2 running, 3 waiting · 12 s',
    ]);
    expect(terminal.cursorVisible).toBe(false);
    progress.stop();
  });

  test('given stacks that end, then they stay above with their lines, and at the end nothing else is left', async () => {
    const { terminal, progress, say } = await live({ verbose: true });
    say(started(2), item('Data'), item('Service'));
    jest.advanceTimersByTime(500);
    say({
      type: 'aws-call',
      service: 's3',
      action: 'HeadObject',
      role: 'r',
      target: 'e',
      milliseconds: 7,
      attempts: 1,
    });
    say({ type: 'message', level: 'warning', text: 'look here', id: 'Service' });
    say({
      type: 'item-finished',
      id: 'Data',
      outcome: 'failed',
      detail: 'no',
      lines: ['cause', '  place'],
      milliseconds: 500,
    });
    jest.advanceTimersByTime(500);
    const above = [
      'deploy: infra',
      'aws r s3:HeadObject e 7 ms',
      'warning: staging/Service: look here',
      '✖ staging/Data (111111111111/eu-west-1) failed · 0.5 s · no',
      '    cause',
      '      place',
    ];
    expect(terminal.screen).toEqual([
      ...above,
      expect.stringContaining('staging/Service'),
      '1 of 2 done, 1 failed, 1 running, 0 waiting · 1 s',
    ]);
    say(finished('Service'), done);
    expect(terminal.screen).toEqual([
      ...above,
      '✔ staging/Service (111111111111/eu-west-1) updated · 1.0 s',
      '✔ deploy done in 1.5 s · 2 stacks',
    ]);
    expect(terminal.cursorVisible).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
    progress.stop();
  });

  test('given a thousand events in a second, then it is drawn at most ten times', async () => {
    const { terminal, progress, say } = await live();
    say(started(1000));
    jest.advanceTimersByTime(1_000);
    const before = terminal.writes.length;
    for (let index = 0; index < 1000; index++) {
      say(item(`s${index}`), finished(`s${index}`));
      jest.advanceTimersByTime(1);
    }
    expect(terminal.writes.length - before).toBeLessThanOrEqual(11);
    say(done);
    expect(terminal.screen).toHaveLength(1002);
    progress.stop();
  });

  test('given nothing is running, then nothing is drawn and no timer waits', async () => {
    const { terminal, progress, say } = await live();
    say(started(2), item('Data'), finished('Data'));
    jest.advanceTimersByTime(1_000);
    const writes = terminal.writes.length;
    jest.advanceTimersByTime(60_000);
    expect(terminal.writes).toHaveLength(writes);
    expect(jest.getTimerCount()).toBe(0);
    expect(terminal.screen.at(-1)).toMatch(/^1 of 2 done, 0 running, 1 waiting/);
    progress.stop();
  });

  test('given more running stacks than rows, then the oldest are shown and the others counted, none wider than the terminal', async () => {
    const { terminal, progress, say } = await live({ columns: 40, rows: 8 });
    say(started(20), ...Array.from({ length: 20 }, (_, index) => item(`s${index}`, `本番/${index}`)));
    jest.advanceTimersByTime(1_000);
    const frame = terminal.screen.slice(1);
    expect(frame).toHaveLength(7);
    expect(frame.at(-2)).toBe('… and 15 more');
    expect(frame.at(-1)).toBe('0 of 20 done, 20 running, 0 waiting · …');
    expect(Math.max(...frame.map((text) => stringWidth(text)))).toBeLessThan(40);
    progress.stop();
  });

  test('given a terminal that gets narrower and wider again, then no torn frame stays behind', async () => {
    const { terminal, progress, say } = await live({ columns: 100 });
    say(started(2), item('Data'), item('Service'));
    say({ type: 'item-progress', id: 'Data', step: 'a step of some length, so that it has to be broken' });
    for (const columns of [70, 50, 45, 60, 100]) {
      jest.advanceTimersByTime(300);
      terminal.resize(columns);
      jest.advanceTimersByTime(300);
    }
    expect(terminal.screen).toEqual([
      'deploy: infra',
      expect.stringContaining('staging/Data '),
      expect.stringContaining('staging/Service '),
      '0 of 2 done, 2 running, 0 waiting · 3 s',
    ]);
    progress.stop();
  });

  test('given a run that breaks off, when stopped twice, then the cursor is back, the unfinished are named, listeners are gone', async () => {
    const { terminal, progress, say } = await live();
    say(started(1), item('Data'));
    jest.advanceTimersByTime(2_000);
    progress.stop();
    progress.stop();
    say(item('late'));
    expect(terminal.screen).toEqual(['deploy: infra', '? staging/Data (111111111111/eu-west-1) not finished · 2.0 s']);
    expect(terminal.cursorVisible).toBe(true);
    expect(terminal.listenerCount('resize')).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('given a secret in a step that is cut, then no part of it is shown', async () => {
    const forget = registerSecret('hunter22-and-a-long-tail');
    const { terminal, progress, say } = await live({ columns: 60 });
    say(started(1), item('Data'), {
      type: 'item-progress',
      id: 'Data',
      step: 'Value hunter22-and-a-long-tail is wrong',
    });
    jest.advanceTimersByTime(500);
    expect(terminal.writes.join('')).toContain('****');
    expect(terminal.writes.join('')).not.toContain('hunter');
    progress.stop();
    forget();
  });
});
