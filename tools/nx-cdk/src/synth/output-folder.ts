import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { withLock, workspaceLock } from '@nx-cdk/processes';
import { TOOLKIT_LOCK } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import { RELEASE_FILE, type ReleaseManifest } from '../release/index.ts';

/** What CDK itself writes into an assembly, by name. Templates may have any name; the manifest has theirs. */
const OF_CDK = [
  /^(cdk\.out|\.cache)$/,
  /^(manifest|tree|(policy-)?validation-report)\.json$/,
  // Graphs of `aws-cdk-lib/pipelines`.
  /\.(dot|(template|assets|metadata)\.json)$/,
  /^(asset\.|assembly-)/,
  TOOLKIT_LOCK,
];

/** What a killed synthesis leaves. */
const UNFINISHED = /^\.new-/;

/**
 * Lets `work` fill a new folder that takes the place of the old assembly only when it is complete: an interrupted or
 * failing synthesis leaves the last good one, and no file of an earlier one stays behind. Two of one folder wait for
 * each other.
 *
 * @param output absolute path of the assembly
 * @param projectRoot of the app; absolute
 * @param waiting called if another process works on this folder
 * @throws Failure `OutputFolder` if there is anything in the folder that no synthesis has written
 */
export async function replaceAssembly<T>(
  { output, projectRoot, signal }: { output: string; projectRoot: string; signal?: AbortSignal },
  waiting: () => void,
  work: (fresh: string) => Promise<T>,
): Promise<T> {
  const name = `synth-${hash('sha256', output).slice(0, 16)}`;
  const patience = setTimeout(waiting, 1000);
  const replaceAlone = async () => {
    clearTimeout(patience);
    refuseForeign(output, projectRoot);
    const fresh = await freshFolder(output);
    try {
      const result = await work(fresh);
      await replace(output, fresh);
      return result;
    } finally {
      await rm(fresh, { recursive: true, force: true });
      // If there was no assembly before, a failure leaves none.
      await rmdir(output).catch(() => undefined);
    }
  };
  try {
    return await withLock(workspaceLock(projectRoot, name), replaceAlone, signal);
  } finally {
    clearTimeout(patience);
  }
}

/** The old assembly is deleted: a wrong folder name must not delete what somebody has made. */
function refuseForeign(output: string, projectRoot: string): void {
  const refused = (what: string) =>
    new Failure('OutputFolder', {
      what: `The assembly would replace ${output}, which ${what}`,
      next: 'name a folder of its own, with --output or "output" in cdk.json, or move away what is there',
    });
  if (!/^\.\.(\/|$)/.test(relative(output, projectRoot))) throw refused('is, or holds, the folder of the app');
  if (!existsSync(output)) return;
  const entries = readdirSync(output).filter((entry) => !UNFINISHED.test(entry));
  // A synthesis replaces the folder as a whole: what is next to its release, the app has written.
  if (typeof (jsonIn(output, RELEASE_FILE) as Partial<ReleaseManifest>).manifests?.['manifest.json'] === 'string')
    return;
  const named = JSON.stringify(jsonIn(output, 'manifest.json'));
  const foreign = entries.find((entry) => !OF_CDK.some((shape) => shape.test(entry)) && !named.includes(`"${entry}"`));
  if (foreign !== undefined) throw refused(`holds ${foreign}: that is no file of a cloud assembly`);
}

/** Empty if there is no such file, or it is no JSON. */
function jsonIn(folder: string, name: string): object {
  try {
    return (JSON.parse(readFileSync(join(folder, name), 'utf8')) as object | null) ?? {};
  } catch {
    return {};
  }
}

/**
 * A new folder in that of the old assembly: an app whose asset is its own folder leaves out `cdk.out`, but would pack a
 * folder next to it. What a killed synthesis left there goes with the old assembly.
 */
async function freshFolder(output: string): Promise<string> {
  const fresh = join(output, `.new-${process.pid}`);
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  return fresh;
}

async function replace(output: string, fresh: string): Promise<void> {
  const next = `${output}.new-${process.pid}`;
  const old = `${output}.old-${process.pid}`;
  await rename(fresh, next);
  await rename(output, old);
  await rename(next, output);
  await rm(old, { recursive: true, force: true });
}
