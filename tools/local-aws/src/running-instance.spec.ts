import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '@nx-cdk/processes';
import { stop } from './instance.ts';
import { isServerOf, runningInstance } from './running-instance.ts';

describe('telling whose process it is', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'identity-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const leaveStateFile = (pid: number) =>
    writeFile(
      join(directory, 'instance.json'),
      JSON.stringify({
        pid,
        port: 4566,
        managementAccount: '123456789012',
        version: '1',
        since: '2026-01-01T00:00:00Z',
      }),
    );

  test('a process id that was given to another program since is neither reported as running nor stopped', async () => {
    const innocent = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' });
    try {
      await leaveStateFile(innocent.pid!);

      expect(isAlive(innocent.pid!)).toBe(true);
      expect(await runningInstance(directory)).toBeUndefined();
      expect(await stop(directory)).toBe(false);
      expect(isAlive(innocent.pid!)).toBe(true);
    } finally {
      innocent.kill();
    }
  });

  test('the server of another instance is not taken for this one', async () => {
    const other = spawn(
      process.execPath,
      ['-e', 'setTimeout(() => {}, 60_000)', 'local_aws', '--directory', `${directory}-other`, '--port', '0'],
      {
        stdio: 'ignore',
      },
    );
    try {
      expect(await isServerOf(directory, other.pid!)).toBe(false);
      expect(await isServerOf(`${directory}-other`, other.pid!)).toBe(true);
    } finally {
      other.kill();
    }
  });

  test.each([0, 1, -1, Number.NaN])('%s is nobody', async (pid) => {
    expect(await isServerOf(directory, pid)).toBe(false);
  });

  test('a file that a crashed server left, or that is broken, counts for nothing', async () => {
    const ended = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
    await new Promise((resolve) => ended.on('exit', resolve));
    await leaveStateFile(ended.pid!);
    expect(await runningInstance(directory)).toBeUndefined();

    await writeFile(join(directory, 'instance.json'), '{ "pid": ');
    expect(await runningInstance(directory)).toBeUndefined();
  });
});
