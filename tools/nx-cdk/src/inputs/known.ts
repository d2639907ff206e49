import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type Read, unchangedReads } from './reads.ts';

/**
 * Nx's hash of a synthesis sees neither what git ignores nor what lies outside of the projects. So, as compiler caches
 * do, for each hash it is kept what those syntheses read that had it, and under which key Nx holds their result. If all
 * of it still is as it was, the key of that synthesis is the answer. If not, or if nothing is known, the key is a new
 * one: then Nx holds nothing under it, and the app runs.
 */
export interface KnownSyntheses {
  /** Folder of the records, next to the results that they speak of. */
  readonly folder: string;
  readonly workspaceRoot: string;
  /** Folder of the assembly; absolute. It is the result, and none of the inputs. */
  readonly output: string;
}

/** Name of that folder in Nx's cache. */
export const KNOWN_FOLDER = 'nx-cdk-synth';

interface Known {
  readonly key: string;
  /** Paths in the workspace are relative to it, so that a copy of it can use the records. */
  readonly reads: readonly Read[];
}

/** Length of the part of a key that tells apart syntheses of one hash. */
const SUFFIX = 12;
/** How many syntheses of one hash are known. */
const KEPT = 4;
/** As long as Nx keeps results. */
const DAYS_KEPT = 7;

/** The key of a synthesis: that of a known one if everything that it read still is as it was, else a new one. */
export function keyOf(parts: readonly string[], place: KnownSyntheses, environment: NodeJS.ProcessEnv): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20);
  const known = readKnown(hash, place);
  for (const [at, { key, reads }] of known.entries()) {
    const now = unchangedReads(atPlace(reads, place), [place.output], environment);
    if (now === undefined) continue;
    // So that the next one need not look into files that were only touched, or checked out again.
    const renewed = now.some((read, index) => read.signature !== reads[index]!.signature);
    if (renewed) writeKnown(hash, known.with(at, { key, reads: fromPlace(now, place) }), place);
    return key;
  }
  return hash + randomBytes(SUFFIX / 2).toString('hex');
}

/** Keeps what the synthesis with this key has read. */
export function keepReads(key: string, reads: readonly Read[], place: KnownSyntheses): void {
  const hash = key.slice(0, -SUFFIX);
  const others = readKnown(hash, place).filter((one) => one.key !== key);
  writeKnown(hash, [{ key, reads: fromPlace(reads, place) }, ...others].slice(0, KEPT), place);
  forgetOld(place);
}

function atPlace(reads: readonly Read[], { workspaceRoot }: KnownSyntheses): Read[] {
  return reads.map((read) => (read.kind === 'e' ? read : { ...read, path: resolve(workspaceRoot, read.path) }));
}

function fromPlace(reads: readonly Read[], { workspaceRoot }: KnownSyntheses): Read[] {
  return reads.map((read) => {
    const inside = relative(workspaceRoot, read.path);
    return read.kind === 'e' || inside.startsWith('..') ? read : { ...read, path: inside };
  });
}

const fileOf = (hash: string, { folder }: KnownSyntheses) => join(folder, `${hash}.json`);

/** Nothing is known of what cannot be read. */
function readKnown(hash: string, place: KnownSyntheses): Known[] {
  try {
    return JSON.parse(readFileSync(fileOf(hash, place), 'utf8')) as Known[];
  } catch {
    return [];
  }
}

/** All of it or nothing. */
function writeKnown(hash: string, known: readonly Known[], place: KnownSyntheses): void {
  const file = fileOf(hash, place);
  mkdirSync(place.folder, { recursive: true });
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(known));
  renameSync(`${file}.${process.pid}`, file);
}

function forgetOld({ folder }: KnownSyntheses): void {
  const oldest = Date.now() - DAYS_KEPT * 24 * 3600 * 1000;
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const file = join(folder, name);
    if ((statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? oldest) < oldest) rmSync(file, { force: true });
  }
}
