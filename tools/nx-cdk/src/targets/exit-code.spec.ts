import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const HOOKS = join(import.meta.dirname, 'exit-code.ts');

/** Exit code of a process that ends as Nx does: hooks around the tasks, then `process.exit`. */
function exitCodeOf(statuses: readonly string[], code: number, whileTasksRun = ''): number | null {
  const results = Object.fromEntries(statuses.map((status, index) => [`task-${index}`, { status }]));
  const script = `
    const { noticeInterruptions, postTasksExecution } = await import(${JSON.stringify(HOOKS)});
    noticeInterruptions();
    ${whileTasksRun}
    postTasksExecution(undefined, { taskResults: ${JSON.stringify(results)} });
    process.exit(${code});`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script]).status;
}

describe('the exit code of a command', () => {
  test('is 1 where a failed task left others undone, which Nx takes for an interruption', () => {
    expect(exitCodeOf(['success', 'failure'], 130)).toBe(1);
  });

  test('stays 130 where tasks were stopped', () => {
    expect(exitCodeOf(['failure', 'stopped'], 130)).toBe(130);
  });

  test('stays 130 after Ctrl-C, even though the interrupted task says that it failed', () => {
    const ctrlC = `process.kill(process.pid, 'SIGINT'); await new Promise((resolve) => setTimeout(resolve, 200));`;
    expect(exitCodeOf(['failure'], 130, ctrlC)).toBe(130);
  });

  test('stays what it is in every other case', () => {
    expect(exitCodeOf(['success'], 0)).toBe(0);
    expect(exitCodeOf(['failure'], 1)).toBe(1);
    expect(exitCodeOf(['success'], 130)).toBe(130);
  });
});
