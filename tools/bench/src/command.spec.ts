import { tmpdir } from 'node:os';
import { killProcesses } from 'test-bed';
import { run } from './command.ts';
import { descendants } from './process-memory.ts';

const script = (code: string) => ({
  program: process.execPath,
  args: ['-e', code],
  cwd: tmpdir(),
  environment: { MINE: '1' },
});

test('a program sees nothing of AWS or of the Nx task that this runs in, only what it is given', async () => {
  process.env['AWS_PROFILE'] = 'someone';
  process.env['NX_TASK_TARGET_PROJECT'] = 'bench';
  try {
    const names = 'Object.keys(process.env).filter((name) => /^(AWS_|NX_|MINE)/.test(name))';
    const { output } = await run(script(`console.log(${names}.join())`));
    expect(output.trim()).toBe('MINE');
  } finally {
    delete process.env['AWS_PROFILE'];
    delete process.env['NX_TASK_TARGET_PROJECT'];
  }
});

test('a program that fails shows the end of what it said', async () => {
  await expect(run(script('console.error("no such stack"); process.exit(3)'))).rejects.toThrow(
    /ended with 3 after .* s; the end of its output:\nno such stack/,
  );
});

test('a program is ended with all it started', async () => {
  const running = run(script('setInterval(() => undefined, 1000)'));
  killProcesses();
  await expect(running).rejects.toThrow('ended with 137');
});

test('memory is that of a program and of what it starts', async () => {
  const fill = 'const filled = Buffer.alloc(150 * 1024 * 1024, 1); setTimeout(() => filled.length, 1500)';
  const { memory } = await run(script(fill), true);
  expect(memory?.process).toBeGreaterThan(150 * 1024 * 1024);
  expect(memory?.tree).toBeGreaterThanOrEqual(memory!.process);
});

test('descendants are found whatever the order of the processes', () => {
  const processes = [
    { pid: 4, parent: 3 },
    { pid: 3, parent: 2 },
    { pid: 2, parent: 1 },
    { pid: 9, parent: 1 },
  ];
  expect(descendants(2, processes).map(({ pid }) => pid)).toEqual([4, 3, 2]);
});
