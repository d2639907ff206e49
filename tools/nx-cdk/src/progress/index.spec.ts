import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { createProgress, type ProgressEvent } from './index.ts';
import { chooseFormat, supportsColor, write } from './terminal.ts';
import { FakeLog } from './fake-terminal.ts';

const tty = { write: () => true, isTTY: true };
const pipe = { write: () => true };
const inNx = { FORCE_COLOR: 'true', NX_TASK_TARGET_PROJECT: 'infra' };

describe('choice of the view', () => {
  test.each([
    ['a terminal', tty, { TERM: 'xterm' }, 'live'],
    ['the pseudo terminal of an Nx task', tty, { TERM: 'xterm', NX_TUI: 'false', ...inNx }, 'live'],
    ['a pipe', pipe, { TERM: 'xterm', ...inNx }, 'plain'],
    ['a terminal without abilities', tty, { TERM: 'dumb' }, 'plain'],
    ['a terminal on a build service', tty, { TERM: 'xterm', CI: 'true' }, 'plain'],
    ['a build service that does not set CI', tty, { TERM: 'xterm', CODEBUILD_BUILD_ID: 'b:1' }, 'plain'],
    ['CI=false', tty, { TERM: 'xterm', CI: 'false' }, 'live'],
  ])('given %s, then it is chosen by itself', (_what, stream, env, format) => {
    expect(chooseFormat('auto', stream, env)).toBe(format);
  });

  test('given a wish, then it wins', () => {
    expect(chooseFormat('json', tty, {})).toBe('json');
    expect(chooseFormat('live', pipe, { CI: '1' })).toBe('live');
  });
});

describe('colours', () => {
  test.each([
    ['a terminal', tty, {}, true],
    ['a pipe', pipe, {}, false],
    ['a pipe and FORCE_COLOR', pipe, { FORCE_COLOR: '1' }, true],
    ['a terminal and FORCE_COLOR=0', tty, { FORCE_COLOR: '0' }, false],
    ['a terminal and NO_COLOR', tty, { NO_COLOR: '1' }, false],
    ['an Nx task and NO_COLOR', pipe, { ...inNx, NO_COLOR: '1' }, false],
    ['an Nx task whose output several share on a screen', pipe, inNx, true],
    ['an Nx task whose Nx writes to a file', pipe, { ...inNx, COLOR: '0' }, false],
    ['a terminal in an Nx task', tty, inNx, true],
    ['a dumb terminal', tty, { TERM: 'dumb' }, false],
  ])('given %s, then colours are right', (_what, stream, env, colors) => {
    expect(supportsColor(stream, env)).toBe(colors);
  });
});

describe('a display in trouble', () => {
  const event: ProgressEvent = { type: 'message', level: 'info', text: 'x' };

  test('given a stream that throws, when events come, then the engine does not notice and stderr says it once', () => {
    const stderr = new FakeLog();
    const stdout = {
      write() {
        throw new Error('disk full');
      },
    };
    for (const format of ['live', 'plain', 'json'] as const) {
      const progress = createProgress({ format, verbose: true, stdout, stderr, env: {} });
      expect(() => [event, event].forEach(progress.listener)).not.toThrow();
      expect(() => progress.stop()).not.toThrow();
    }
    expect(stderr.lines).toEqual(Array(3).fill('The progress display failed; the run goes on: Error: disk full'));
  });

  test('given a reader that has gone, then writing ends without an error', () => {
    let fail: (() => void) | undefined;
    const writes: string[] = [];
    const stream = {
      write: (text: string) => writes.push(text),
      on: (_event: string, listener: () => void) => (fail = listener),
    };
    write(stream, 'a');
    fail!();
    write(stream, 'b');
    expect(writes).toEqual(['a']);
  });

  test('given many runs in one process, when stopped, then no listener stays on the process', () => {
    const count = (): number[] => ['exit', 'SIGINT', 'SIGTERM'].map((name) => process.listenerCount(name));
    const before = count();
    const all = Array.from({ length: 20 }, () =>
      createProgress({ format: 'plain', verbose: false, stdout: new FakeLog(), env: {} }),
    );
    expect(count()).toEqual(before.map((number) => number + 1));
    all.forEach((progress) => progress.stop());
    expect(count()).toEqual(before);
  });
});

describe('the end of a process', () => {
  /** Runs a live view with one running item in a process of its own, then the given code. */
  function run(code: string): Promise<{ stdout: string; code: unknown; signal: unknown }> {
    const source = `
      import { createProgress } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
      const { listener } = createProgress({ format: 'live', verbose: false });
      listener({ type: 'run-started', action: 'deploy', items: 1, subject: 'infra' });
      listener({ type: 'item-started', id: 'd', label: 'staging/Data' });
      await import('log-update'); // what the view waits for, too
      await new Promise((resolve) => setTimeout(resolve, 300));
      ${code}`;
    const args = ['--no-warnings', '--input-type=module', '-e', source];
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        args,
        { cwd: import.meta.dirname, timeout: 20_000, env: { PATH: process.env.PATH } },
        (error, stdout) => resolve({ stdout, code: error?.code ?? 0, signal: error?.signal ?? null }),
      );
    });
  }
  const restored = /\? staging\/Data not finished[^]*\u001b\[\?25h\s*$/;

  test('given an error that nobody catches, then the cursor is back and the exit code is kept', async () => {
    const { stdout, code } = await run(`throw new Error('bug');`);
    expect(stdout).toContain('\u001b[?25l');
    expect(stdout).toMatch(restored);
    expect(code).toBe(1);
  });

  test('given a signal that nobody handles, then the cursor is back and the process ends by that signal', async () => {
    const { stdout, signal } = await run(`process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 10_000);`);
    expect(stdout).toMatch(restored);
    expect(signal).toBe('SIGTERM');
  });

  test('given an engine that handles a signal once, then the display goes on until the engine is done', async () => {
    const { stdout, code } = await run(`
      process.once('SIGINT', () => setTimeout(() => {
        listener({ type: 'item-finished', id: 'd', outcome: 'updated', milliseconds: 900 });
        process.exit(130);
      }, 300));
      process.kill(process.pid, 'SIGINT');
      setTimeout(() => {}, 10_000);`);
    expect(stdout).toContain('✔ staging/Data updated · 0.9 s');
    expect(stdout).not.toContain('not finished');
    expect(stdout).toMatch(/\u001b\[\?25h\s*$/);
    expect(code).toBe(130);
  });

  test('given work that is done, then the timer of the view does not keep the process alive', async () => {
    const { code } = await run('');
    expect(code).toBe(0);
  });
});
