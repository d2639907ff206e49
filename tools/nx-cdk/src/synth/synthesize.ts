import { basename, relative, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { targetName } from '@nx-cdk/environments';
import type { EngineDependencies } from '../aws/index.ts';
import { canonicalize, readAssembly, type Assembly } from '../assembly/index.ts';
import { type Listener, Run, count } from '../progress/index.ts';
import { describeRelease, type ReleaseManifest, toolVersions, writeReleaseManifest } from '../release/index.ts';
import { AppContext } from './app-context.ts';
import { ENVIRONMENT_CONTEXT, readCdkJson } from '../cdk-json/index.ts';
import type { Followed } from '../inputs/index.ts';
import { defaultEnvironment } from './default-environment.ts';
import { replaceAssembly } from './output-folder.ts';
import { type AppRun, commandOf, runApp } from './run-app.ts';

/** What to synthesize and how. */
export interface SynthRequest extends Omit<AppRun, 'config' | 'context' | 'outdir' | 'outputs' | 'defaults'> {
  /** What the app is called. @default - as its folder */
  readonly name?: string;
  /** Folder of the assembly, relative to the project. @default - `output` of `cdk.json`, else `cdk.out` */
  readonly output?: string;
  /** Context values, which win over those of `cdk.json` and `cdk.context.json`. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Whether the app gets the account and region of the caller as its default. @default false */
  readonly resolveDefaults?: boolean;
}

/** What a synthesis made, and from what. */
export interface Synthesis {
  readonly assembly: Assembly;
  readonly release: ReleaseManifest;
  readonly followed: Followed;
}

/**
 * Runs a CDK app and leaves a canonical assembly in place of the old one: same inputs, same bytes. It closes with
 * `release.json`, which names what was made.
 *
 * @throws Failure `Synth` if the app fails, `MissingContext` if it needs a lookup that is not allowed, `Lookup` if one
 * fails, `OutputFolder` if something else is where the assembly goes
 */
export async function synthesize(request: SynthRequest, dependencies: EngineDependencies): Promise<Synthesis> {
  const config = readCdkJson(request.projectRoot);
  // Before anything else: without it, nothing can be done.
  commandOf(request.projectRoot, config);
  const { listener, signal } = dependencies;
  const subject = request.name ?? basename(request.projectRoot);
  const run = new Run({ listener, action: 'synth', items: 0, noun: 'stack', subject });
  const output = resolve(request.projectRoot, request.output ?? config.output ?? 'cdk.out');
  const place = { output, projectRoot: request.projectRoot, signal };
  const waiting = () =>
    listener({ type: 'message', level: 'info', text: `Waiting for another synthesis of ${subject}.` });
  const { release, followed } = await replaceAssembly(place, waiting, async (outdir) => {
    const context = new AppContext(request.projectRoot, { ...config.context, ...request.context });
    const defaults = request.resolveDefaults ? await defaultEnvironment(dependencies.aws, process.env) : {};
    const outputs = [output, outdir];
    const before = await context.stored();
    const read = await runApp({ ...request, config, context, outdir, outputs, defaults }, dependencies);
    // Nx keeps the result under the inputs of before, to which the values that were looked up do not belong.
    const followed = isDeepStrictEqual(before, await context.stored()) ? read : { ...read, reads: undefined };
    canonicalize(outdir, request.workspaceRoot);
    const made = await describeRelease(readAssembly(outdir), { tools: toolVersions(request.projectRoot) });
    await writeReleaseManifest(outdir, made);
    return { release: made, followed };
  });
  const assembly = readAssembly(output);
  listener({ type: 'message', level: 'info', text: `release ${release.digest}` });
  tellFollowed(followed, subject, listener);
  run.finish(summaryOf(assembly, request.workspaceRoot));
  return { assembly, release, followed };
}

/** What somebody who waits for another result has to know. */
function tellFollowed({ asked, obstacles }: Followed, subject: string, listener: Listener): void {
  if (asked.length > 0) {
    const [are, them] = asked.length === 1 ? ['is', 'it'] : ['are', 'them'];
    const text = `${asked.join(', ')} ${are} set, but not passed to ${subject}: name ${them} in "${ENVIRONMENT_CONTEXT}" in the context of its cdk.json to pass ${them}`;
    listener({ type: 'message', level: 'warning', text });
  }
  if (obstacles.length > 0)
    listener({
      type: 'message',
      level: 'info',
      text: `${subject} is synthesized again each time: ${obstacles.join('; ')}`,
    });
}

/** `apps/infra/cdk.out: 4 stacks for 2 targets, 6 files to publish` */
function summaryOf({ directory, stacks, files }: Assembly, workspaceRoot: string): string {
  const targets = new Set(stacks.map(({ target }) => targetName(target)));
  const made = `${count(stacks.length, 'stack')} for ${count(targets.size, 'target')}`;
  return `${relative(workspaceRoot, directory)}: ${made}, ${count(files.length, 'file')} to publish`;
}
