import { chmod, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readArchitecture } from './architecture.ts';
import { checkBinary } from './check-binary.ts';
import { buildGo, testGo, vetGo } from './go.ts';
import type { Surroundings } from './go-toolchain.ts';
import { emptyFolder, leaveOut, leaveOutImage, markLeftOut } from './left-out.ts';
import { buildRust, rustFor, testRust, vetRust } from './rust.ts';
import { writeCounts } from './test-counts.ts';

/** What a handler is written in, beside TypeScript, which needs nothing of this. */
export type Language = 'go' | 'rust';

/** A handler, and what it is worked on with. */
export interface Handler extends Surroundings {
  readonly projectName: string;
  readonly language: Language;
}

/** The container image that a handler becomes, by the Dockerfile of its project. */
export interface Image {
  /** Why nothing here can build it; undefined if something can, or another machine will. */
  readonly obstacle: string | undefined;
}

/**
 * Compiles a handler for the runtime provided.al2023 into `dist/bootstrap` of its project; for an image the Dockerfile
 * is put beside it, and the folder is all that the image is made of. If the machine has no Rust, a handler in Rust is
 * left out, and so is an image that nothing can build: a file says so instead.
 *
 * @param architectureFile absolute path of the file that says what handlers are compiled for
 * @param image absent for a handler that is deployed as a zip
 * @throws Failure `NoArchitecture`, `NoGo`, `NoCompiler`, `NoRustTarget`, `WrongBinary`
 */
export async function buildHandler(handler: Handler, architectureFile: string, image?: Image): Promise<boolean> {
  const { projectName, projectRoot, env, listener, language } = handler;
  const architecture = await readArchitecture(architectureFile);
  const folder = join(projectRoot, 'dist');
  const output = join(folder, 'bootstrap');
  await emptyFolder(folder);
  if (image?.obstacle !== undefined) {
    await markLeftOut(folder, leaveOutImage(projectName, image.obstacle, listener));
    return true;
  }
  // Only folders that nothing else can be called: of a short name, such as /src, every program has a few.
  const foreign = [`${projectRoot}/`];
  let built: boolean;
  if (language === 'go') {
    built = await buildGo(output, architecture, handler);
  } else {
    const { toolchain, missing } = await rustFor(handler);
    if (toolchain === undefined) {
      await markLeftOut(folder, leaveOut(projectName, missing!, env, listener));
      return true;
    }
    foreign.push(`${toolchain.env['CARGO_HOME']}/registry/`);
    built = await buildRust(output, architecture, toolchain, handler);
  }
  if (!built) {
    await emptyFolder(folder);
    return false;
  }
  await checkBinary(output, architecture, foreign);
  // An image takes over the modes of what it is made of: they must not depend on the umask of whoever builds.
  await chmod(output, 0o755);
  if (image !== undefined) {
    const dockerfile = join(folder, 'Dockerfile');
    await copyFile(join(projectRoot, 'Dockerfile'), dockerfile);
    await chmod(dockerfile, 0o644);
  }
  return true;
}

/** Runs the tests of a handler and leaves their counts in `test-results`. @throws Failure `NoGo`, `NoCompiler` */
export async function testHandler(handler: Handler): Promise<boolean> {
  const { projectName, projectRoot, env, listener, language } = handler;
  let counts = { passed: 0, failed: 0 };
  if (language === 'go') {
    counts = await testGo(handler);
  } else {
    const { toolchain, missing } = await rustFor(handler);
    if (toolchain === undefined) leaveOut(projectName, missing!, env, listener);
    else counts = await testRust(toolchain, handler);
  }
  await writeCounts(projectRoot, counts);
  return counts.failed === 0;
}

/** Looks for mistakes that compile, and for files that are not formatted. @throws Failure `NoGo`, `NoCompiler` */
export async function vetHandler(handler: Handler): Promise<boolean> {
  if (handler.language === 'go') return vetGo(handler);
  const { toolchain, missing } = await rustFor(handler);
  if (toolchain !== undefined) return vetRust(toolchain, handler);
  leaveOut(handler.projectName, missing!, handler.env, handler.listener);
  return true;
}
