import { basename, relative, resolve } from 'node:path';
import { targetName } from '@libs/environments';
import type { EngineDependencies } from '../aws/index.ts';
import { canonicalize, readAssembly, type Assembly } from '../assembly/index.ts';
import { Run, count } from '../progress/index.ts';
import { describeRelease, type ReleaseManifest, toolVersions, writeReleaseManifest } from '../release/index.ts';
import { AppContext } from './app-context.ts';
import { readCdkJson } from '../cdk-json/index.ts';
import { replaceAssembly } from './output-folder.ts';
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
 * Runs a CDK app and leaves a canonical assembly in place of the old one: same inputs, same bytes. It closes with
 * `release.json`, which names what was made.
 *
 * @throws Failure `Synth` if the app fails, `MissingContext` if it needs a lookup that is not allowed, `Lookup` if one
 * fails, `OutputFolder` if something else is where the assembly goes
 */
export async function synthesize(
  request: SynthRequest,
  dependencies: EngineDependencies,
): Promise<{ readonly assembly: Assembly; readonly release: ReleaseManifest }> {
  const config = readCdkJson(request.projectRoot);
  commandOf(request.projectRoot, config);
  const { listener, signal } = dependencies;
  const subject = request.name ?? basename(request.projectRoot);
  const run = new Run({ listener, action: 'synth', items: 0, noun: 'stack', subject });
  const output = resolve(request.projectRoot, request.output ?? config.output ?? 'cdk.out');
  const place = { output, projectRoot: request.projectRoot, signal };
  const waiting = () =>
    listener({ type: 'message', level: 'info', text: `Waiting for another synthesis of ${subject}.` });
  const release = await replaceAssembly(place, waiting, async (outdir) => {
    const context = new AppContext(request.projectRoot, { ...config.context, ...request.context });
    await runApp({ ...request, config, context, outdir }, dependencies);
    canonicalize(outdir, request.workspaceRoot);
    const made = await describeRelease(readAssembly(outdir), { tools: toolVersions(request.projectRoot) });
    await writeReleaseManifest(outdir, made);
    return made;
  });
  const assembly = readAssembly(output);
  listener({ type: 'message', level: 'info', text: `release ${release.digest}` });
  run.finish(summaryOf(assembly, request.workspaceRoot));
  return { assembly, release };
}

/** `apps/infra/cdk.out: 4 stacks for 2 targets, 6 files to publish` */
function summaryOf({ directory, stacks, files }: Assembly, workspaceRoot: string): string {
  const targets = new Set(stacks.map(({ target }) => targetName(target)));
  const made = `${count(stacks.length, 'stack')} for ${count(targets.size, 'target')}`;
  return `${relative(workspaceRoot, directory)}: ${made}, ${count(files.length, 'file')} to publish`;
}
