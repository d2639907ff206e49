import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { commandsOf, packageManagerOf } from '@nx-cdk/environments';
import { makeReportReadable, readAssembly, TOOLKIT_LOCK } from '../assembly/index.ts';
import { type AwsClients, type EngineDependencies, requireAdmitted, resolveTarget } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import { type Listener, type Message, withoutEscapes } from '../progress/index.ts';
import { LOAD_ASSEMBLY, loadPlugins, LookupCredentials, openToolkit } from '../toolkit/index.ts';
import type { AppContext } from './app-context.ts';
import type { CdkJson } from '../cdk-json/index.ts';
import type { Followed } from '../inputs/index.ts';
import { type AppProcess, type AppProcessOptions, prepareApp, runBuild } from './app-process.ts';
import type { AppStart, ReadyApp } from './ready-app.ts';
import { missingIn, nameOfKey, placeOf, readKey } from './looked-up.ts';

/** An app to run once, or, if it asks for values to look up, until it has them all. */
export interface AppRun extends AppProcessOptions {
  readonly context: AppContext;
  /** Empty folder that the app writes its assembly to. */
  readonly outdir: string;
  /** Folders that are none of its inputs. @default - `outdir` */
  readonly outputs?: readonly string[];
  /** Whether warnings of constructs are failures. @default false */
  readonly strict?: boolean;
  /** Whether missing context may be looked up in AWS and kept in `cdk.context.json`. */
  readonly lookups: boolean;
  /** `CDK_DEFAULT_ACCOUNT` and `CDK_DEFAULT_REGION`. @default - those of this environment */
  readonly defaults?: Readonly<Record<string, string>>;
  /** What keeps a process of the app ready, where it is synthesized again and again. @default - each is a new one */
  readonly ready?: ReadyApp;
}

/** The command line that runs an app. @throws Failure `CdkJson` if there is none */
export function commandOf(projectRoot: string, { app }: CdkJson): string {
  if (app === undefined) {
    const what = `${join(projectRoot, 'cdk.json')} has no "app"`;
    throw new Failure('CdkJson', { what, next: 'add the command that runs the CDK app' });
  }
  return app;
}

/**
 * Runs a CDK app, which leaves its assembly in a folder. What it asks for is looked up with the lookup role of its
 * account and region, or with a plugin of `cdk.json` if that role cannot be assumed; with no other role. The app itself
 * gets none of the caller's credentials.
 *
 * @returns what the app read
 * @throws Failure `Synth` if the app or its build fails, `MissingContext` if it needs a lookup that is not allowed,
 * `Lookup` if one fails, `Plugin` if one cannot be loaded, `AssemblyTooNew` if the app's CDK library is newer than the
 * toolkit of this workspace
 */
export async function runApp(run: AppRun, { aws, listener, signal }: EngineDependencies): Promise<Followed> {
  const { projectRoot, config, context, outdir } = run;
  const command = commandOf(projectRoot, config);
  const errors: Message[] = [];
  const toolkit = await openToolkit({
    aws,
    listener: withoutCommandLineHints(listener, context, errors),
    failAt: run.strict === true ? 'warn' : 'error',
    result: () => undefined,
    beforeLookups: () => admitLookups(outdir, aws),
    app: (text) => listener({ type: 'message', level: 'info', text }),
  });
  const plugins = run.lookups ? [config.plugin ?? []].flat() : [];
  const credentials = new LookupCredentials(aws, await loadPlugins(toolkit, plugins, projectRoot), () =>
    missingIn(outdir).map(placeOf),
  );
  toolkit.pluginHost.registerCredentialProviderSource(credentials);
  const outputs = run.outputs ?? [outdir];
  const { workspaceRoot, passEnvironment, coveredPrograms, defaults: more = {} } = run;
  const start: AppStart = { workspaceRoot, projectRoot, config, passEnvironment, coveredPrograms, command, more };
  const ready = await run.ready?.take(start, outputs);
  const app = ready ?? (await prepareApp(start, more));
  listener({ type: 'message', level: 'debug', text: `not passed to the app: ${app.withheld.join(', ')}` });
  const source = await toolkit.fromCdkApp(ready?.command ?? command, {
    workingDirectory: projectRoot,
    outdir,
    disposeOutdir: false,
    lookups: run.lookups,
    // Resolved before, if at all: the toolkit would ask AWS in every case.
    resolveDefaultEnvironment: false,
    contextStore: context,
    loadAssemblyOptions: LOAD_ASSEMBLY,
    env: app.env,
    synthOptions: {
      pathMetadata: config.pathMetadata ?? true,
      assetMetadata: config.assetMetadata ?? true,
      versionReporting: config.versionReporting ?? true,
    },
  });
  const readable = {
    produce: async () => {
      const produced = await source.produce();
      makeReportReadable(outdir);
      return produced;
    },
  };
  const synth = async () => (await toolkit.synth(readable)).dispose();
  try {
    await runBuild(run, app, listener, signal);
    await (plugins.length === 0 ? synth() : inFolder(projectRoot, synth));
    await removeLocks(outdir);
    // What does not fail a synthesis is no error.
    for (const { text } of errors) listener({ type: 'message', level: 'warning', text });
    const followed = app.followed(outputs);
    run.ready?.ran(start, followed);
    return followed;
  } catch (error) {
    for (const message of errors) listener(message);
    throw lookupFailure(error, run, credentials) ?? (await synthFailure(error, run, app));
  } finally {
    await app.dispose();
  }
}

/**
 * The toolkit assumes the roles that an app names for lookups by itself.
 *
 * @throws Failure `RoleNotAdmitted` naming what is looked up
 */
async function admitLookups(outdir: string, aws: AwsClients): Promise<void> {
  for (const missing of missingIn(outdir)) {
    const place = placeOf(missing);
    const about = { subject: nameOfKey(missing.key), named: `lookupRoleArn in ${join(outdir, 'manifest.json')}` };
    requireAdmitted(aws.admission, await resolveTarget(aws, place), 'lookup', place.role, about);
  }
}

/** Plugins expect what the CDK CLI gives them: they read `cdk.json` in the working directory. */
async function inFolder(folder: string, work: () => Promise<void>): Promise<void> {
  const before = process.cwd();
  process.chdir(folder);
  try {
    await work();
  } finally {
    process.chdir(before);
  }
}

/**
 * How the toolkit says that a plugin's credentials do not open the lookup role, for which reason they were asked for.
 */
const EXPECTED = /^credentials returned by plugin .* could not be used to assume/;

/**
 * The toolkit ends with hints for users of its command line (how to show a template) and with its own timing, and words
 * validation warnings as errors; what people should know of a synthesis are its warnings and errors. What could not be
 * looked up is told at the end, once and in other words.
 *
 * @param errors takes the errors: only the end shows whether they are any
 */
function withoutCommandLineHints(listener: Listener, context: AppContext, errors: Message[]): Listener {
  return (event) => {
    if (event.type !== 'message' || event.level === 'debug') return listener(event);
    // The toolkit colours its words if Nx asks tasks for colours.
    const text = withoutEscapes(event.text);
    const toldLater = [...context.errors.values()].some((error) => text.includes(error));
    if (event.level === 'info' || EXPECTED.test(text) || toldLater) return listener({ ...event, level: 'debug' });
    if (text.startsWith('WARNING')) listener({ ...event, level: 'warning', text: text.replace(/^WARNING\s+/, '') });
    // Told with the failure, with the packages to update.
    else if (TOO_OLD.test(text)) listener({ ...event, level: 'debug' });
    else if (event.level === 'error') errors.push({ ...event, text });
    else listener({ ...event, text });
  };
}

/** How the toolkit says that the app's CDK library is newer: of an assembly, of another file, of a lookup. */
const TOO_OLD =
  /^This AWS CDK Toolkit is not compatible with the AWS CDK library|^Cloud assembly schema version mismatch|Unrecognized context provider name/;

function toolkitTooOld({ projectRoot, workspaceRoot }: AppRun, cause: unknown): Failure {
  const { upgrade } = commandsOf(packageManagerOf(workspaceRoot), workspaceRoot);
  const parts = {
    what: `The aws-cdk-lib of ${projectRoot} is newer than the CDK toolkit of this workspace, which does not understand it`,
    next: `run "${upgrade('@aws-cdk/toolkit-lib', '@aws-cdk/cloud-assembly-schema')}", or take an older aws-cdk-lib`,
  };
  return new Failure('AssemblyTooNew', parts, { cause });
}

/** What our own reader does not know of an assembly that the toolkit has refused. */
function unknownIn(outdir: string): Failure | undefined {
  try {
    readAssembly(outdir);
    return undefined;
  } catch (error) {
    return error instanceof Failure && error.code === 'AssemblyTooNew' ? error : undefined;
  }
}

async function synthFailure(error: unknown, run: AppRun, app: AppProcess): Promise<Failure> {
  const { projectRoot, outdir } = run;
  if (error instanceof Failure) return error;
  const { ToolkitError } = await import('@aws-cdk/toolkit-lib');
  const message = error instanceof Error ? error.message : String(error);
  if (ToolkitError.isContextLookupsDisabledError(error)) {
    const missing = [...new Set(missingIn(outdir).map(({ key }) => nameOfKey(key)))];
    const parts = {
      what: `${basename(projectRoot)} needs ${missing.join(', ')}, which its cdk.context.json does not have and which may not be looked up here (in a CI, with --no-lookups, or in a configuration that synth does not have)`,
      next: 'run nx lookups <project> on a machine with credentials, and commit cdk.context.json',
    };
    return new Failure('MissingContext', parts, { cause: error });
  }
  const tooNew = unknownIn(outdir);
  if (tooNew !== undefined) return tooNew;
  if (TOO_OLD.test(message)) return toolkitTooOld(run, error);
  if (!existsSync(join(outdir, 'manifest.json')) && !/exited with|was killed|Failed to execute/.test(message)) {
    const [elsewhere] = app.followed([]).assemblies.filter((folder) => folder !== outdir);
    const where = elsewhere === undefined ? 'no assembly' : `its assembly to ${elsewhere}`;
    const parts = {
      what: `The CDK app in ${projectRoot} wrote ${where}, and not to the folder that CDK_OUTDIR names`,
      next: 'leave "outdir" out where the app makes its App, and name the folder with "output" in cdk.json',
    };
    return new Failure('Synth', parts, { cause: error });
  }
  return new Failure('Synth', { what: `The CDK app in ${projectRoot} failed`, next: message }, { cause: error });
}

/** One sentence for all that could not be looked up: what, and why, each reason once. */
function lookupFailure(cause: unknown, run: AppRun, credentials: LookupCredentials): Failure | undefined {
  const { projectRoot, context } = run;
  if (context.errors.size === 0) return undefined;
  if ([...context.errors.values()].some((reason) => TOO_OLD.test(reason))) return toolkitTooOld(run, cause);
  const reasons = Map.groupBy(context.errors, ([key, error]) => {
    const account = readKey(key)?.account;
    const refusal = account === undefined ? undefined : credentials.refusalOf(account);
    return (refusal ?? error).trim().replace(/\.$/, '');
  });
  const parts = [...reasons].map(
    ([reason, failed]) => `${failed.map(([key]) => nameOfKey(key)).join(', ')}: ${reason}`,
  );
  return new Failure('Lookup', { what: `${basename(projectRoot)} could not look up ${parts.join('; ')}` }, { cause });
}

async function removeLocks(outdir: string): Promise<void> {
  for (const name of await readdir(outdir)) {
    if (TOOLKIT_LOCK.test(name)) await rm(join(outdir, name));
  }
}
