import { spawn } from 'node:child_process';
import { isAlive, startOf } from './process-start.ts';

test('a process has one start for as long as it lives, and another than the next one', async () => {
  const one = spawn('sleep', ['60']);
  const other = spawn('sleep', ['60']);
  try {
    const start = await startOf(one.pid!);
    expect(start).toBeDefined();
    expect(await startOf(one.pid!)).toBe(start);
    expect(`${other.pid} ${await startOf(other.pid!)}`).not.toBe(`${one.pid} ${start}`);
  } finally {
    one.kill('SIGKILL');
    other.kill('SIGKILL');
  }
});

test('a process that ended has none, even if nobody has asked how', async () => {
  // The shell starts a process that ends soon, and becomes one that never asks.
  const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const zombie = Number(
      await new Promise<string>((resolve) => parent.stdout.once('data', (data) => resolve(`${data}`))),
    );
    while ((await startOf(zombie)) !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(isAlive(zombie)).toBe(true);
  } finally {
    parent.kill('SIGKILL');
  }
});
