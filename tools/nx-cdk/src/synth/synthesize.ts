import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { ConnectedAws } from '../aws/index.ts';
import { canonicalize } from '../assembly/canonicalize.ts';
import { readAssembly } from '../assembly/read-assembly.ts';
import type { Assembly } from '../assembly/model.ts';
import { Failure } from '../failure/failure.ts';
import type { Listener } from '../progress/events.ts';
import { openToolkit } from '../toolkit/open-toolkit.ts';
import { AppContext } from './app-context.ts';
import { type CdkJson, readCdkJson } from './cdk-json.ts';

/** What to synthesize and how. */
export interface SynthRequest {
  readonly workspaceRoot: string;
  /** Folder of the `cdk.json`. */
  readonly projectRoot: string;
  /**
   * Folder of the assembly, relative to the project.
   * @default - `output` of `cdk.json`, else `cdk.out`
   */
  readonly output?: string;
  /** Context values, which win over those of `cdk.json` and `cdk.context.json`. */
  readonly context?: Readonly<Record<string, unknown>>;
  /**
   * Whether warnings of constructs fail the synthesis.
   * @default false
   */
  readonly strict?: boolean;
  /** Whether missing context may be looked up in AWS and kept in `cdk.context.json`. */
  readonly lookups: boolean;
}

/**
 * Runs a CDK app and leaves a canonical assembly: same inputs, same bytes. The app writes into a new folder that takes the place of the old assembly only when
 * it is complete, so that an interrupted or failing synthesis leaves the last good one, and no file of an earlier one stays behind.
 *
 * @throws Failure `Synth` where the app fails, `MissingContext` where it needs a lookup that is not allowed
 */
export async function synthesize(
  request: SynthRequest,
  dependencies: { readonly aws: ConnectedAws; readonly listener: Listener },
): Promise<Assembly> {
  const config = readCdkJson(request.projectRoot);
  if (config.app === undefined) {
    throw new Failure(
      'CdkJson',
      `${join(request.projectRoot, 'cdk.json')} has no "app": add the command that runs the CDK app.`,
    );
  }
  const output = resolve(request.projectRoot, request.output ?? config.output ?? 'cdk.out');
  const fresh = await freshFolder(output);
  try {
    await runApp(request, config, config.app, fresh, dependencies);
    canonicalize(fresh, request.workspaceRoot);
    readAssembly(fresh);
    await replace(output, fresh);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    // Where there was no assembly before, a failure leaves none.
    await rmdir(output).catch(() => undefined);
  }
  return readAssembly(output);
}

async function runApp(
  request: SynthRequest,
  config: CdkJson,
  app: string,
  outdir: string,
  { aws, listener }: { readonly aws: ConnectedAws; readonly listener: Listener },
): Promise<void> {
  const toolkit = await openToolkit({
    aws,
    listener: withoutCommandLineHints(listener),
    failAt: request.strict === true ? 'warn' : 'error',
    result: () => undefined,
  });
  const source = await toolkit.fromCdkApp(config.build === undefined ? app : `${config.build} && ${app}`, {
    workingDirectory: request.projectRoot,
    outdir,
    disposeOutdir: false,
    lookups: request.lookups,
    // Asking AWS who the caller is would make the assembly depend on it, and needs a permission. An app that wants its
    // default account and region takes them from CDK_DEFAULT_ACCOUNT and CDK_DEFAULT_REGION of the shell.
    resolveDefaultEnvironment: false,
    contextStore: new AppContext(request.projectRoot, { ...config.context, ...request.context }),
    env: { PATH: pathWithWorkspaceTools(request.workspaceRoot) },
    synthOptions: {
      pathMetadata: config.pathMetadata ?? true,
      assetMetadata: config.assetMetadata ?? true,
      versionReporting: config.versionReporting ?? true,
    },
  });
  try {
    const assembly = await toolkit.synth(source);
    await assembly.dispose();
  } catch (error) {
    throw await synthFailure(error, request);
  }
  await removeLocks(outdir);
}

/**
 * The toolkit ends with hints for users of its command line (how to show a template) and with its own timing, and words validation warnings as errors;
 * what people should know of a synthesis are its warnings and errors.
 */
function withoutCommandLineHints(listener: Listener): Listener {
  return (event) => {
    if (event.type !== 'message' || event.level === 'debug') return listener(event);
    if (event.level === 'info') return listener({ ...event, level: 'debug' });
    // The toolkit colours its words where Nx asks tasks for colours.
    const text = stripVTControlCharacters(event.text);
    listener(
      text.startsWith('WARNING')
        ? { ...event, level: 'warning', text: text.replace(/^WARNING\s+/, '') }
        : { ...event, text },
    );
  };
}

/** The Node that the workspace pins runs the app, however Nx itself was started. */
function pathWithWorkspaceTools(workspaceRoot: string): string {
  return [join(workspaceRoot, 'node_modules', '.bin'), process.env['PATH']]
    .filter(Boolean)
    .join(process.platform === 'win32' ? ';' : ':');
}

async function synthFailure(error: unknown, request: SynthRequest): Promise<Failure> {
  if (error instanceof Failure) return error;
  const { ToolkitError } = await import('@aws-cdk/toolkit-lib');
  const message = error instanceof Error ? error.message : String(error);
  if (ToolkitError.isContextLookupsDisabledError(error)) {
    const keys = /Missing context keys: '(.*)'/.exec(message)?.[1] ?? message;
    return new Failure(
      'MissingContext',
      `${basename(request.projectRoot)} needs a lookup in AWS that is not allowed here: synthesize once with --lookups on a machine that may, and commit cdk.context.json (missing: ${keys}).`,
      { cause: error },
    );
  }
  return new Failure('Synth', `The CDK app in ${request.projectRoot} failed: ${message}`, { cause: error });
}

/**
 * A new folder inside the old assembly's: an app whose asset is its own folder leaves out `cdk.out`, and would pack whatever else stood beside it. What a killed
 * synthesis left there goes with the old assembly.
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

/** Locks of the toolkit (`read.<pid>.lock`, `synth.lock`) say who uses a folder now, not what is in it. */
async function removeLocks(outdir: string): Promise<void> {
  for (const name of await readdir(outdir)) {
    if (name.endsWith('.lock')) await rm(join(outdir, name));
  }
}
