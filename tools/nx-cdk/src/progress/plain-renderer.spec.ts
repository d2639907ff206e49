import { jest } from '@jest/globals';
import { createProgress, registerSecret, type ProgressEvent } from './index.ts';
import { FakeLog } from './fake-terminal.ts';

const started: ProgressEvent = {
  type: 'run-started',
  action: 'deploy',
  items: 2,
  subject: 'infra, 2 stacks in 2 accounts',
};
const data: ProgressEvent = { type: 'item-started', id: 'd', label: 'staging/Data', where: '111111111111/eu-west-1' };
const service: ProgressEvent = {
  type: 'item-started',
  id: 's',
  label: 'staging/Service',
  where: '222222222222/us-east-1',
};

function plain(options: { verbose?: boolean; env?: Record<string, string> } = {}) {
  const log = new FakeLog();
  const progress = createProgress({
    format: 'plain',
    verbose: options.verbose ?? false,
    stdout: log,
    stderr: log,
    env: options.env ?? {},
  });
  return { log, progress, say: (...events: ProgressEvent[]) => events.forEach(progress.listener) };
}

describe('plain log', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('given a label that is a place itself, when its item ends, then the place is not said again', () => {
    const { log, progress, say } = plain();
    const where = '111111111111/eu-west-1';
    for (const label of [where, `${where} (own)`])
      say(
        { type: 'item-started', id: label, label, where },
        { type: 'item-finished', id: label, outcome: 'created', milliseconds: 2_000 },
      );
    progress.stop();
    expect(log.writes).toEqual([`✔ ${where} created · 2.0 s\n`, `✔ ${where} (own) created · 2.0 s\n`]);
  });

  test('given two stacks at the same time, when they end, then each is one block in one write, and no code moves a cursor', () => {
    const { log, progress, say } = plain();
    say(started, data, service);
    say({ type: 'item-progress', id: 'd', step: 'creating change set', milestone: true });
    jest.advanceTimersByTime(2_000);
    say({ type: 'item-progress', id: 's', step: 'creating change set', milestone: true });
    say({ type: 'item-progress', id: 'd', step: 'executing change set', milestone: true });
    say({ type: 'item-progress', id: 'd', step: 'AWS::SQS::Queue Queue CREATE_IN_PROGRESS', done: 1, total: 3 });
    say({ type: 'message', level: 'warning', text: 'a table will be replaced', id: 'd' });
    say({ type: 'item-finished', id: 's', outcome: 'updated', detail: '1 resource changed', milliseconds: 2_000 });
    say({
      type: 'item-finished',
      id: 'd',
      outcome: 'failed',
      detail: 'Orders: already exists',
      lines: ['Orders (AWS::DynamoDB::Table): already exists', '  staging/Data/Orders at lib/data.ts:12'],
      milliseconds: 2_000,
    });
    say({ type: 'run-finished', success: false, summary: '2 stacks: 1 updated, 1 failed', milliseconds: 2_000 });
    progress.stop();

    expect(log.writes).toEqual([
      'deploy: infra, 2 stacks in 2 accounts\n',
      '✔ staging/Service (222222222222/us-east-1) updated · 2.0 s · 1 resource changed\n       2.0 s  creating change set\n',
      [
        '✖ staging/Data (111111111111/eu-west-1) failed · 2.0 s · Orders: already exists',
        '       0.0 s  creating change set',
        '       2.0 s  executing change set',
        '    warning: a table will be replaced',
        '    Orders (AWS::DynamoDB::Table): already exists',
        '      staging/Data/Orders at lib/data.ts:12',
        '',
      ].join('\n'),
      '✖ deploy failed after 2.0 s · 2 stacks: 1 updated, 1 failed\n',
    ]);
  });

  test('given a stack that takes long, then a heartbeat says every 30 s what it does, and none follows its end', () => {
    const { log, progress, say } = plain();
    say(started, data, { type: 'item-progress', id: 'd', step: 'AWS::DynamoDB::Table Orders CREATE_IN_PROGRESS' });
    jest.advanceTimersByTime(65_000);
    expect(log.lines.slice(1)).toEqual([
      'still running: staging/Data 30 s · AWS::DynamoDB::Table Orders CREATE_IN_PROGRESS',
      'still running: staging/Data 1 min 0 s · AWS::DynamoDB::Table Orders CREATE_IN_PROGRESS',
    ]);
    say({ type: 'item-finished', id: 'd', outcome: 'created', milliseconds: 65_000 });
    expect(jest.getTimerCount()).toBe(0);
    progress.stop();
  });

  test('given a run that breaks off, when stopped twice, then what was held back is shown once and no timer is left', () => {
    const { log, progress, say } = plain();
    say(started, data, { type: 'item-progress', id: 'd', step: 'creating change set', milestone: true });
    progress.stop();
    progress.stop();
    say(service);
    expect(log.lines.slice(1)).toEqual([
      '? staging/Data (111111111111/eu-west-1) not finished · 0.0 s · creating change set',
      '       0.0 s  creating change set',
    ]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('given messages of no running item, then they stand by themselves, tables keep their shape, debug needs verbose', () => {
    const messages: ProgressEvent[] = [
      { type: 'message', level: 'info', text: 'a    b\n1    2' },
      { type: 'message', level: 'error', text: 'gone', id: 'prod/Data' },
      { type: 'message', level: 'debug', text: 'seen' },
    ];
    const [quiet, verbose] = [plain(), plain({ verbose: true })];
    quiet.say(...messages);
    verbose.say(...messages);
    expect(quiet.log.lines).toEqual(['a    b', '1    2', 'error: prod/Data: gone']);
    expect(verbose.log.lines).toEqual([...quiet.log.lines, 'debug: seen']);
    quiet.progress.stop();
    verbose.progress.stop();
  });

  test('given an AWS call, then verbose shows role, action, environment, time, attempts and error; else nothing does', () => {
    const call: ProgressEvent = {
      type: 'aws-call',
      service: 'cloudformation',
      action: 'DescribeStacks',
      role: 'deploy-role',
      target: '111111111111/eu-west-1',
      milliseconds: 43.4,
      attempts: 3,
      error: 'Throttling',
    };
    const [quiet, verbose] = [plain(), plain({ verbose: true })];
    quiet.say(call);
    verbose.say(call, { ...call, attempts: 1, error: undefined });
    expect(quiet.log.text).toBe('');
    expect(verbose.log.lines).toEqual([
      'aws deploy-role cloudformation:DescribeStacks 111111111111/eu-west-1 43 ms, 3 attempts, Throttling',
      'aws deploy-role cloudformation:DescribeStacks 111111111111/eu-west-1 43 ms',
    ]);
    quiet.progress.stop();
    verbose.progress.stop();
  });

  test('given a secret in every text there is, then none of it reaches the log', () => {
    const forget = registerSecret('hunter22');
    const { log, progress, say } = plain({ verbose: true });
    const s = 'hunter22';
    say(
      { type: 'run-started', action: s, items: 1, subject: s },
      { type: 'item-started', id: 'x', label: s, where: s },
    );
    say(
      { type: 'item-progress', id: 'x', step: s, milestone: true },
      { type: 'message', level: 'info', text: s, id: 'x' },
    );
    say({ type: 'aws-call', service: s, action: s, role: s, target: s, milliseconds: 1, attempts: 1, error: s });
    jest.advanceTimersByTime(31_000);
    say({ type: 'item-finished', id: 'x', outcome: 'failed', detail: s, lines: [s], milliseconds: 1 });
    say(
      { type: 'item-finished', id: s, outcome: 'skipped', milliseconds: 1 },
      { type: 'message', level: 'error', text: s, id: s },
    );
    say({ type: 'run-finished', success: false, summary: s, milliseconds: 1 });
    progress.stop();
    forget();
    expect(log.lines).toHaveLength(10);
    expect(log.text).not.toContain(s);
    expect(log.text.match(/\*{4}/g)!.length).toBeGreaterThanOrEqual(16);
  });

  test('given FORCE_COLOR, then there are colours; given NO_COLOR beside it, then there are none', () => {
    const [forced, refused] = [
      plain({ env: { FORCE_COLOR: '1' } }),
      plain({ env: { FORCE_COLOR: '1', NO_COLOR: '1' } }),
    ];
    for (const { say, progress } of [forced, refused]) {
      say({ type: 'run-finished', success: true, summary: '', milliseconds: 1 });
      progress.stop();
    }
    expect(forced.log.text).toContain('\u001b[32m✔');
    expect(refused.log.text).toBe('✔ run done in 0.0 s\n');
  });
});

describe('what people have read already', () => {
  const REFUSED = 'arn:aws:iam::333333333333:root may not sts:AssumeRole cdk-hnb659fds-deploy-role.';
  const failed = (id: string, detail: string): ProgressEvent => ({
    type: 'item-finished',
    id,
    outcome: 'failed',
    detail,
    milliseconds: 1,
  });
  const unchanged: ProgressEvent = { type: 'item-finished', id: 'a', outcome: 'unchanged', milliseconds: 1 };
  const runOf = (items: number): ProgressEvent => ({ ...started, items }) as ProgressEvent;

  /** The lines of items in a log. */
  function linesOf(verbose: boolean, ...events: ProgressEvent[]): string[] {
    const { log, progress, say } = plain({ verbose });
    say(...events);
    progress.stop();
    return log.lines.filter((line) => !line.startsWith('deploy'));
  }

  test('the same reason is written once, then referred to', () => {
    const [first, second] = linesOf(false, runOf(2), failed('Data', REFUSED), failed('Service', REFUSED));
    expect(first).toContain(REFUSED);
    expect(second).toMatch(/Service failed .* for the same reason as Data$/);
  });

  test('different reasons, and short ones, are always written', () => {
    const reasons = [`${REFUSED} 1`, `${REFUSED} 2`, 'cancelled', 'cancelled'];
    const lines = linesOf(false, runOf(4), ...reasons.map((reason, index) => failed(`${index}`, reason)));
    expect(lines.map((line) => line.split(' · ').at(-1))).toEqual(reasons);
  });

  test('a later run says everything again', () => {
    const lines = linesOf(false, runOf(1), failed('a', REFUSED), runOf(1), failed('a', REFUSED));
    expect(lines).toEqual([expect.stringContaining(REFUSED), expect.stringContaining(REFUSED)]);
  });

  test('unchanged items are named in a small run and only counted in a large one', () => {
    expect(linesOf(false, runOf(4), unchanged)).toEqual(['= a unchanged · 0.0 s']);
    expect(linesOf(false, runOf(400), unchanged)).toEqual([]);
  });

  test('with --verbose nothing is left out', () => {
    const lines = linesOf(true, runOf(400), failed('a', REFUSED), failed('b', REFUSED), unchanged);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain(REFUSED);
  });
});
