import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import { isCI } from './tool-folder.ts';

/** The file that stands in the output folder instead of the program; apps that deploy handlers read it. */
const MARKER = 'left-out.txt';

/**
 * Says that a handler in Rust is left out. A CI leaves nothing out: what it deploys must not depend on which compilers
 * its machine happens to have.
 *
 * @throws Failure `NoCompiler` in a CI
 */
export function leaveOut(project: string, why: string, env: NodeJS.ProcessEnv, listener: Listener): string {
  if (isCI(env)) {
    throw new Failure('NoCompiler', {
      what: `${project} cannot be compiled, as ${why}`,
      next: 'a CI leaves nothing out; install Rust there',
    });
  }
  return say(`${project} is left out, as ${why}: install Rust (https://rustup.rs) to have it.`, listener);
}

/**
 * Says that a handler is left out whose image nothing here can build. Not asked in a CI, where another machine than the
 * one that compiles may build images.
 */
export function leaveOutImage(project: string, why: string, listener: Listener): string {
  return say(`${project} is left out, as ${why}: install podman or Docker to have it.`, listener);
}

function say(sentence: string, listener: Listener): string {
  listener({ type: 'message', level: 'warning', text: sentence });
  return sentence;
}

/** Empties the output folder: what an earlier build left must not look like the result of this one. */
export async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

/**
 * Writes down that the program is left out, and why: Nx caches the folder, and so a later synth from the cache tells it
 * too.
 */
export async function markLeftOut(folder: string, sentence: string): Promise<void> {
  await writeFile(join(folder, MARKER), `${sentence}\n`);
}
