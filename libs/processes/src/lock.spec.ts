import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { withLock, workspaceLock } from './lock.ts';
import { startOf } from './process-start.ts';

/**
 * Takes the lock again and again. Inside, it leaves a file with its name, looks whether another living process has done
 * the same, and adds one to a count in three steps, so that a second one inside would lose a number.
 */
const WORKER = `import { appendFile, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { startOf, withLock } from '${join(import.meta.dirname, 'index.ts')}';
const [folder, times] = process.argv.slice(2);
const own = join(folder, 'inside-' + process.pid);
for (let time = 0; time < Number(times); time++) {
  await withLock(join(folder, 'lock'), async () => {
    await writeFile(own, '');
    const inside = (await readdir(folder)).filter((name) => name.startsWith('inside-')).map((name) => Number(name.slice(7)));
    const others = [];
    for (const pid of inside) if (pid !== process.pid && (await startOf(pid)) !== undefined) others.push(pid);
    if (others.length > 0) await appendFile(join(folder, 'collisions'), process.pid + ' met ' + others + '\\n');
    const count = Number(await readFile(join(folder, 'count'), 'utf8'));
    for (let turns = 0; turns < 5; turns++) await turn();
    await writeFile(join(folder, 'count.' + process.pid), String(count + 1));
    await rename(join(folder, 'count.' + process.pid), join(folder, 'count'));
    await appendFile(join(folder, 'done'), 'x');
    await rm(own);
  });
}
`;

let folder: string;
let lock: string;
const children = new Set<ChildProcess>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
  lock = join(folder, 'lock');
  await writeFile(join(folder, 'count'), '0');
  await writeFile(join(folder, 'worker.mts'), WORKER);
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await rm(folder, { recursive: true });
});

/** Starts a process that takes the lock this number of times. */
function worker(times: number): { child: ChildProcess; ended: Promise<number | null> } {
  const args = ['--no-warnings', join(folder, 'worker.mts'), folder, String(times)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  children.add(child);
  return { child, ended: new Promise((resolve) => child.on('close', resolve)) };
}

const text = (file: string) => readFile(join(folder, file), 'utf8').catch(() => '');
const numbers = async () => (await readdir(lock)).filter((name) => /^\d+$/.test(name));

test('one process at a time is inside, of many', async () => {
  const codes = await Promise.all(Array.from({ length: 8 }, () => worker(25).ended));

  expect(codes).toEqual(Array(8).fill(0));
  expect(await text('collisions')).toBe('');
  expect(await text('count')).toBe('200');
});

test('holders that are killed are followed by exactly one other', async () => {
  const stay = Array.from({ length: 4 }, () => worker(40));
  const ended = Promise.all(stay.map((each) => each.ended));
  let over = false;
  void ended.then(() => (over = true));
  while (!over) {
    const { child, ended: gone } = worker(1000);
    // Killed at whatever it does by then: starting, waiting, or holding the lock.
    await Promise.race([wait(300 + Math.random() * 200), ended]);
    child.kill('SIGKILL');
    await gone;
  }

  expect(await ended).toEqual([0, 0, 0, 0]);
  expect(await text('collisions')).toBe('');
  // One that was killed between the two may have counted without saying that it is done.
  expect(Number(await text('count'))).toBeGreaterThanOrEqual((await text('done')).length);
});

test('two waiters that see the same dead holder do not both take over', async () => {
  for (let round = 0; round < 15; round++) {
    await rm(lock, { recursive: true, force: true });
    await mkdir(lock);
    await writeFile(join(lock, '1'), '4194304 long ago');
    let inside = 0;
    let most = 0;
    const take = () =>
      withLock(lock, async () => {
        most = Math.max(most, ++inside);
        await wait(1);
        inside--;
      });
    await Promise.all([take(), take(), take()]);
    expect(most).toBe(1);
  }
});

test('a process that only has the id of the holder does not hold the lock', async () => {
  await mkdir(lock);
  await writeFile(join(lock, '7'), `${process.pid} another start`);

  expect(await withLock(lock, async () => numbers())).toEqual(['8']);
});

test('the holder itself is waited for, until the signal comes', async () => {
  await mkdir(lock);
  await writeFile(join(lock, '7'), `${process.pid} ${await startOf(process.pid)}`);

  await expect(withLock(lock, async () => 'inside', AbortSignal.timeout(150))).rejects.toThrow(/timeout/);
  expect(await readdir(lock)).toEqual(['7']);
});

test('is released if the work fails, and leaves one empty file', async () => {
  await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await withLock(lock, async () => undefined);

  expect(await readdir(lock)).toEqual(['2']);
  expect(await readFile(join(lock, '2'), 'utf8')).toBe('');
  expect((await stat(lock)).mode & 0o777).toBe(0o700);
});

test('the work may remove the folder of the lock', async () => {
  expect(await withLock(lock, () => rm(lock, { recursive: true }).then(() => 'done'))).toBe('done');
});

test('what a killed waiter left is removed', async () => {
  await mkdir(lock);
  await writeFile(join(lock, '4194304-dead.new'), '');
  await withLock(lock, async () => undefined);

  expect(await readdir(lock)).toEqual(['1']);
});

describe('the lock of something in a workspace', () => {
  test('is with the caches of the nearest node_modules', async () => {
    await mkdir(join(folder, 'node_modules'));

    expect(workspaceLock(join(folder, 'apps', 'shop'), 'image')).toBe(
      join(folder, 'node_modules', '.cache', 'locks', 'image'),
    );
  });

  test.each(['cdkasset-/../../../../etc', '..', '', 'x'.repeat(5000), 'a\0b'])(
    'leads nowhere else by the name %j',
    (name) => {
      mkdirSync(join(folder, 'node_modules'));
      const lock = workspaceLock(folder, name);
      expect(dirname(lock)).toBe(join(folder, 'node_modules', '.cache', 'locks'));
      expect(basename(lock)).toMatch(/^[0-9a-f]{64}$/);
    },
  );

  describe('if there is none', () => {
    let locks: string;
    beforeEach(() => (locks = join(folder, `nx-cdk-locks-${process.getuid!()}`)));

    test('is in a private folder, one for each place, and leaves nothing there', async () => {
      expect(existsSync(join(tmpdir(), 'node_modules'))).toBe(false);
      const place = join(folder, 'cdk.out');
      await mkdir(place);
      const lock = workspaceLock(place, 'image', folder);
      expect(lock).toBe(workspaceLock(place, 'image', folder));
      expect(lock).not.toBe(workspaceLock(folder, 'image', folder));
      expect(lock.startsWith(join(locks, 'image-'))).toBe(true);
      expect((await stat(locks)).mode & 0o777).toBe(0o700);
      expect(await withLock(lock, async () => 'done')).toBe('done');
      expect(await readdir(place)).toEqual([]);
    });

    test.each([
      ['is open to others', (path: string) => mkdir(path).then(() => chmod(path, 0o777))],
      ['is a link', (path: string) => symlink(folder, path)],
      ['is a file', (path: string) => writeFile(path, '')],
    ])('is refused where that folder %s: somebody else may have made it', async (_, make) => {
      await make(locks);
      expect(() => workspaceLock(folder, 'image', folder)).toThrow(/nx-cdk-locks-|EEXIST/);
    });
  });
});
