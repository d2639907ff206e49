import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { runAttached } from './run-attached.ts';

const env = { PATH: process.env['PATH'] };
const sh = (script: string) => runAttached('sh', ['-c', script], { cwd: '.', env });

test('the exit code is that of the program; without one, a signal has ended it, or there is no such program', async () => {
  expect(await sh('exit 3')).toEqual({ exitCode: 3, stopped: false });
  expect(await sh('kill -TERM $$')).toEqual({ exitCode: undefined, stopped: false });
  expect(await runAttached('no-such-program', [], { cwd: '.', env })).toEqual({ exitCode: undefined, stopped: false });
});

test('a signal to this process is one to the program, and this process hears how that ended', async () => {
  // given
  const file = join(import.meta.dirname, 'run-attached.ts');
  const program = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done";
  const script = `import { runAttached } from '${file}';
    console.log(JSON.stringify(await runAttached('sh', ['-c', ${JSON.stringify(program)}], { cwd: '.', env: process.env })));`;
  const args = ['--no-warnings', '--input-type=module', '-e', script];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let written = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written += text));
  while (!written.includes('ready')) await once(child.stdout, 'data');

  // when
  child.kill('SIGTERM');
  await once(child, 'close');

  // then
  expect(written).toBe('ready\n{"exitCode":7,"stopped":true}\n');
});
