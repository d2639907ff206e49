import { mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { targetName } from '@libs/environments';
import type { EngineDependencies } from '../aws/index.ts';
import { canonicalize, readAssembly, type Assembly } from '../assembly/index.ts';
import { Run, count } from '../progress/index.ts';
import { describeRelease, type ReleaseManifest, toolVersions, writeReleaseManifest } from '../release/index.ts';
import { AppContext } from './app-context.ts';
import { readCdkJson } from '../cdk-json/index.ts';
import { type AppRun, commandOf, runApp } from './run-app.ts';

/** What to synthesize and how. */
export interface SynthRequest extends Pick<AppRun, 'workspaceRoot' | 'projectRoot' | 'strict' | 'lookups'> {
  /** What the app is called. @default - as its folder */
  readonly name?: string;
  /** Folder of the assembly, relative to the project. @default - `output` of `cdk.json`, else `cdk.out` */
  readonly output?: string;
  /** Context values, which win over those of `cdk.json` and `cdk.context.json`. */
  readonly context?: Readonly<Record<string, unknown>>;
}

/**
 * Runs a CDK app and leaves a canonical assembly: same inputs, same bytes. The app writes into a new folder that takes
 * the place of the old assembly only when it is complete, so that an interrupted or failing synthesis leaves the last
 * good one, and no file of an earlier one stays behind. It closes with `release.json`, which names what was made.
 *
 * @throws Failure `Synth` if the app fails, `MissingContext` if it needs a lookup that is not allowed, `Lookup` if one
 * fails
 */
export async function synthesize(
  request: SynthRequest,
  dependencies: EngineDependencies,
): Promise<{ readonly assembly: Assembly; readonly release: ReleaseManifest }> {
  const config = readCdkJson(request.projectRoot);
  commandOf(request.projectRoot, config);
  const { listener } = dependencies;
  const subject = request.name ?? basename(request.projectRoot);
  const run = new Run({ listener, action: 'synth', items: 0, noun: 'stack', subject });
  const output = resolve(request.projectRoot, request.output ?? config.output ?? 'cdk.out');
  const fresh = await freshFolder(output);
  try {
    const context = new AppContext(request.projectRoot, { ...config.context, ...request.context });
    await runApp({ ...request, config, context, outdir: fresh }, dependencies);
    canonicalize(fresh, request.workspaceRoot);
    const release = await describeRelease(readAssembly(fresh), { tools: toolVersions(request.projectRoot) });
    await writeReleaseManifest(fresh, release);
    await replace(output, fresh);
    const assembly = readAssembly(output);
    listener({ type: 'message', level: 'info', text: `release ${release.digest}` });
    run.finish(summaryOf(assembly, request.workspaceRoot));
    return { assembly, release };
  } finally {
    await rm(fresh, { recursive: true, force: true });
    // If there was no assembly before, a failure leaves none.
    await rmdir(output).catch(() => undefined);
  }
}

/** `apps/infra/cdk.out: 4 stacks for 2 targets, 6 files to publish` */
function summaryOf({ directory, stacks, files }: Assembly, workspaceRoot: string): string {
  const targets = new Set(stacks.map(({ target }) => targetName(target)));
  const made = `${count(stacks.length, 'stack')} for ${count(targets.size, 'target')}`;
  return `${relative(workspaceRoot, directory)}: ${made}, ${count(files.length, 'file')} to publish`;
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
