import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOf } from './process-start.ts';
import { run } from './run.ts';

const sh = (script: string, options = {}) => run('sh', ['-c', script], options);

test('gives back both outputs as they were written', async () => {
  const end = await sh('printf "one\\ntwo"; echo three >&2');

  expect(end).toMatchObject({ code: 0, stdout: 'one\ntwo', stderr: 'three\n' });
  expect(end).not.toHaveProperty('failure');
});

test('tells how a program failed, as a shell counts and in words', async () => {
  expect(await sh('exit 3')).toMatchObject({ started: true, code: 3, failure: 'exit code 3' });
  expect(await sh('kill -TERM $$')).toMatchObject({ code: 143, failure: 'ended by SIGTERM' });
  expect(await run('no-such-program', [])).toMatchObject({ started: false, code: 127, failure: 'is not installed' });
  expect(await run('/', [])).toMatchObject({ code: 127, failure: 'could not be started: EACCES' });
  expect(await sh('exec sleep 60', { timeout: 100 })).toMatchObject({ code: 124, failure: 'took too long' });
});

test('is heard line by line without secrets, and keeps the last lines', async () => {
  const heard: string[] = [];
  const script = 'printf "a\\rb secret\\n\\n"; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do echo $i; done; exit 1';
  const { stdout, lastLines } = await sh(script, {
    mask: (line: string) => line.replace('secret', '***'),
    onLine: (line: string) => heard.push(line),
  });

  expect(heard.slice(0, 4)).toEqual(['a', 'b ***', '', '1']);
  expect(lastLines).toEqual(Array.from({ length: 15 }, (_, index) => String(index + 1)));
  expect(stdout).toContain('b secret');
});

test('gets the whole environment, and nothing of ours', async () => {
  const { stdout } = await run('/usr/bin/env', [], { env: { ONLY: 'this' } });

  expect(stdout).toBe('ONLY=this\n');
});

test('ends with the signal, and what it started ends with it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'run-'));
  try {
    const [script, file] = [join(folder, 'script'), join(folder, 'pid')];
    await writeFile(script, `sleep 60 & echo $! > ${file}; echo started; wait`);
    const controller = new AbortController();
    const end = await run('sh', [script], { signal: controller.signal, onLine: () => controller.abort() });
    const child = Number(await readFile(file, 'utf8'));
    while ((await startOf(child)) !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));

    expect(end).toMatchObject({ code: 143, failure: 'interrupted' });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('is not started if the signal has come already', async () => {
  expect(await sh('echo started', { signal: AbortSignal.abort() })).toMatchObject({
    stdout: '',
    failure: 'interrupted',
  });
});
