import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { resolve, sep } from 'node:path';
import { Failure } from '../failure/index.ts';

/** No manifest, template or plan is larger, metadata of thousands of constructs included. In bytes. */
const LARGEST = 100 * 1024 * 1024;

/** A pipe would keep its reader waiting for ever. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Reads a file that is data: a manifest, a template, a release, a plan.
 *
 * @throws Error that says why, also for a device, a pipe, and what is too large
 */
export function readDataSync(file: string): Buffer {
  const handle = openSync(file, FLAGS);
  try {
    requireData(fstatSync(handle));
    return readFileSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The same, without waiting. */
export async function readData(file: string): Promise<Buffer> {
  await using handle = await open(file, FLAGS);
  requireData(await handle.stat());
  return await handle.readFile();
}

function requireData(stats: Stats): void {
  if (!stats.isFile()) throw new Error('it is no file');
  if (stats.size > LARGEST) throw new Error(`it has ${stats.size} bytes, and ${LARGEST} are the most`);
}

/**
 * What an assembly may name: only what lies in its own folder, wherever links lead. The only place that says so. The
 * same for what the builder of an image finds by name: only what lies in the folder of that image.
 */
export class AssemblyFolder {
  readonly #root: string;
  readonly #what: string;
  /** Whether something is inside, by its path. */
  readonly #known = new Set<string>();

  /**
   * @param root the folder of the outermost manifest, or of an image
   * @param what it is, for messages
   */
  constructor(root: string, what = 'assembly') {
    this.#root = root;
    this.#what = what;
  }

  /**
   * @param names who names it, as a sentence begins: `manifest.json names the template`
   * @returns the path as it was given, absolute. What is not there is found out by whoever reads it
   * @throws Failure `OutsideAssembly`
   */
  inside(path: string, names: string): string {
    const wanted = resolve(path);
    if (this.#known.has(wanted)) return wanted;
    const real = realOf(wanted);
    // What is missing has no real path: the way that the names go still has to stay inside.
    if (!isWithin(resolve(this.#root), wanted) || (real && !isWithin(realpathSync.native(this.#root), real)))
      throw outside(`${names} ${real ?? wanted}, which is outside of the ${this.#what} ${this.#root}`);
    this.#known.add(wanted);
    return wanted;
  }
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/**
 * Refuses a link in an asset's folder that leads out of it.
 *
 * @param folder real path of the asset's folder
 * @returns the real path
 * @throws Failure `OutsideAssembly`
 */
export async function followLink(folder: string, link: string): Promise<string> {
  const real = await realpath(link);
  if (isWithin(folder, real)) return real;
  const next = 'let CDK copy what the link leads to (followSymlinks: SymlinkFollowMode.ALWAYS), or remove it';
  throw outside(`The link ${link} leads to ${real}, out of its asset`, next);
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

function outside(
  what: string,
  next = 'let CDK copy it into the assembly, which it does unless aws:cdk:disable-asset-staging is set; or find out who wrote the manifest',
): Failure {
  return new Failure('OutsideAssembly', { what, next });
}
