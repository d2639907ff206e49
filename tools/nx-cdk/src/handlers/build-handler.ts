import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isCI } from '@nx-cdk/processes';
import { Failure } from '../failure/index.ts';
import { ARCHITECTURES, type ArchitectureName } from './architecture.ts';
import { checkBinary } from './check-binary.ts';
import { goCompiler } from './go.ts';
import type { Compiler, Handler } from './handler.ts';
import { rustCompiler } from './rust.ts';
import { writeCounts } from './test-counts.ts';

/** The file in the output folder that stands for a program that is left out; apps that deploy handlers read it. */
const LEFT_OUT = 'left-out.txt';

/** The container image that a handler becomes, by the Dockerfile of its project. */
export interface Image {
  /** Why nothing here can build it; undefined if something can, or another machine will. */
  readonly obstacle: string | undefined;
}

/**
 * Compiles a handler for the runtime provided.al2023 into `dist/bootstrap` of its project; for an image the Dockerfile
 * is copied there, and the folder is all that the image is made of. If the machine has no Rust, a handler in Rust is
 * left out, and so is an image that nothing can build: a file says so instead. Nx caches the folder, so a later synth
 * from the cache says it, too.
 *
 * @param compiledFor the architecture of the function that runs it
 * @param image absent for a handler that is deployed as a zip
 * @throws Failure `NoGo`, `NoCompiler`, `NoRustTarget`, `WrongBinary`
 */
export async function buildHandler(handler: Handler, compiledFor: ArchitectureName, image?: Image): Promise<boolean> {
  const { projectRoot } = handler;
  const architecture = ARCHITECTURES[compiledFor];
  const folder = join(projectRoot, 'dist');
  const output = join(folder, 'bootstrap');
  await emptyFolder(folder);
  const compiler = await (image?.obstacle === undefined ? compilerOf(handler) : leaveOutImage(handler, image.obstacle));
  if (typeof compiler === 'string') {
    await writeFile(join(folder, LEFT_OUT), `${compiler}\n`);
    return true;
  }
  if (!(await compiler.build(output, architecture))) {
    await emptyFolder(folder);
    return false;
  }
  // Only folders that nothing else can be called: of a short name, such as /src, every program has a few.
  await checkBinary(output, architecture, [`${projectRoot}/`, ...compiler.foreign]);
  // An image takes over the modes of its files: they must not depend on the umask of the machine.
  await chmod(output, 0o755);
  if (image !== undefined) {
    const dockerfile = join(folder, 'Dockerfile');
    await copyFile(join(projectRoot, 'Dockerfile'), dockerfile);
    await chmod(dockerfile, 0o644);
  }
  return true;
}

/** Runs the tests of a handler and writes their counts to `test-results`. @throws Failure `NoGo`, `NoCompiler` */
export async function testHandler(handler: Handler): Promise<boolean> {
  const compiler = await compilerOf(handler);
  const counts = typeof compiler === 'string' ? { passed: 0, failed: 0 } : await compiler.test();
  await writeCounts(handler.projectRoot, counts);
  return counts.failed === 0;
}

/** Finds mistakes that compile, and files that are not formatted. @throws Failure `NoGo`, `NoCompiler` */
export async function vetHandler(handler: Handler): Promise<boolean> {
  const compiler = await compilerOf(handler);
  return typeof compiler === 'string' || compiler.vet();
}

/**
 * The compiler of a handler, or the sentence that it is left out, which is said, too. A CI leaves nothing out: what it
 * deploys must not depend on which compilers its machine happens to have.
 */
async function compilerOf(handler: Handler): Promise<Compiler | string> {
  const { projectName, env, language } = handler;
  const compiler = await (language === 'go' ? goCompiler(handler) : rustCompiler(handler));
  if (typeof compiler !== 'string') return compiler;
  if (isCI(env)) {
    const what = `${projectName} cannot be compiled, as ${compiler}`;
    throw new Failure('NoCompiler', { what, next: 'a CI leaves nothing out; install Rust there' });
  }
  return leaveOut(handler, `${compiler}: install Rust (https://rustup.rs)`);
}

/** Also in a CI, since another machine than the one that compiles may build images. */
function leaveOutImage(handler: Handler, why: string): string {
  return leaveOut(handler, `${why}: install podman or Docker`);
}

function leaveOut({ projectName, listener }: Handler, why: string): string {
  const text = `${projectName} is left out, as ${why} to have it.`;
  listener({ type: 'message', level: 'warning', text });
  return text;
}

/** What an earlier build left must not look like the result of this one. */
async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}
