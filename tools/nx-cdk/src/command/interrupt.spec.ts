import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** A process that says what it hears, and has work for a minute that it does not give up by itself. */
const SCRIPT = `
import { interruptible } from '${pathToFileURL(join(import.meta.dirname, 'interrupt.ts')).href}';
const { signal, dispose } = interruptible((event) => console.log(event.text));
signal.addEventListener('abort', () => console.log('aborted'));
process.on('SIGUSR2', () => { dispose(); console.log('disposed'); });
setTimeout(() => undefined, 60_000);
console.log('ready');
`;

let child: ChildProcess;
let output: string;
beforeEach(async () => {
  output = '';
  child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT]);
  child.stdout!.on('data', (chunk) => (output += String(chunk)));
  await says('ready');
});
afterEach(() => child.kill('SIGKILL'));

test('the first Ctrl-C stops nothing that runs, and says how to leave at once', async () => {
  child.kill('SIGINT');
  await says('aborted');
  expect(output).toMatch(/Interrupted: nothing new is started, what runs is followed to its end\. Press Ctrl-C again/);
  expect(child.exitCode).toBeNull();
});

test('the same key press that arrives twice, from the terminal and from Nx, counts once', async () => {
  child.kill('SIGINT');
  await says('aborted');
  child.kill('SIGINT');
  await wait(150);
  expect(child.exitCode).toBeNull();
});

test('a second Ctrl-C ends the process as shells expect of it', async () => {
  child.kill('SIGINT');
  await says('aborted');
  await wait(600);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([130, null]);
});

test('a CI that ends the job is heard as well', async () => {
  child.kill('SIGTERM');
  await says('aborted');
  expect(output).toContain('Asked to end: nothing new is started');
});

test('afterwards signals do what they always do', async () => {
  child.kill('SIGUSR2');
  await says('disposed');
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([null, 'SIGINT']);
});

async function says(text: string): Promise<void> {
  for (let tries = 0; !output.includes(text); tries += 1) {
    if (tries > 500) throw new Error(`It never said "${text}": ${output}`);
    await wait(20);
  }
}
