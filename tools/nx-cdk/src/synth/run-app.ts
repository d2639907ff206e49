import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type AwsClients, type EngineDependencies, resolveTarget, roleNotAdmitted, sessionFor } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import { loadPlugins, LookupCredentials, openToolkit } from '../toolkit/index.ts';
import type { AppContext } from './app-context.ts';
import type { CdkJson } from '../cdk-json/index.ts';
import { missingIn, nameOfKey, placeOf, readKey } from './looked-up.ts';

/** An app to run once, or, if it asks for values to look up, until it has them all. */
export interface AppRun {
  readonly workspaceRoot: string;
  /** Folder of the `cdk.json`. */
  readonly projectRoot: string;
  readonly config: CdkJson;
  readonly context: AppContext;
  /** Empty folder that the app writes its assembly to. */
  readonly outdir: string;
  /** Whether warnings of constructs are failures. @default false */
  readonly strict?: boolean;
  /** Whether missing context may be looked up in AWS and kept in `cdk.context.json`. */
  readonly lookups: boolean;
}

/** The command line that runs an app. @throws Failure `CdkJson` if there is none */
export function commandOf(projectRoot: string, { app, build }: CdkJson): string {
  if (app === undefined) {
    const what = `${join(projectRoot, 'cdk.json')} has no "app"`;
    throw new Failure('CdkJson', { what, next: 'add the command that runs the CDK app' });
  }
  return build === undefined ? app : `${build} && ${app}`;
}

/**
 * Runs a CDK app, which leaves its assembly in a folder. What it asks for is looked up with the lookup role of its
 * account and region, or with a plugin of `cdk.json` if that role cannot be assumed; with no other role.
 *
 * @throws Failure `Synth` if the app fails, `MissingContext` if it needs a lookup that is not allowed, `Lookup` if one
 * fails, `Plugin` if one cannot be loaded
 */
export async function runApp(run: AppRun, { aws, listener }: EngineDependencies): Promise<void> {
  const { projectRoot, config, context, outdir } = run;
  const toolkit = await openToolkit({
    aws,
    listener: withoutCommandLineHints(listener, context),
    failAt: run.strict === true ? 'warn' : 'error',
    result: () => undefined,
    beforeLookups: () => admitLookups(outdir, aws),
  });
  const plugins = run.lookups ? [config.plugin ?? []].flat() : [];
  const credentials = new LookupCredentials(aws, await loadPlugins(toolkit, plugins, projectRoot), () =>
    missingIn(outdir).map(placeOf),
  );
  toolkit.pluginHost.registerCredentialProviderSource(credentials);
  const source = await toolkit.fromCdkApp(commandOf(projectRoot, config), {
    workingDirectory: projectRoot,
    outdir,
    disposeOutdir: false,
    lookups: run.lookups,
    // Asking AWS who the caller is would make the assembly depend on it, and needs a permission. An app that wants its
    // default account and region takes them from CDK_DEFAULT_ACCOUNT and CDK_DEFAULT_REGION of the shell.
    resolveDefaultEnvironment: false,
    contextStore: context,
    env: { PATH: pathWithWorkspaceTools(run.workspaceRoot) },
    synthOptions: {
      pathMetadata: config.pathMetadata ?? true,
      assetMetadata: config.assetMetadata ?? true,
      versionReporting: config.versionReporting ?? true,
    },
  });
  const synth = async () => (await toolkit.synth(source)).dispose();
  try {
    await (plugins.length === 0 ? synth() : inFolder(projectRoot, synth));
  } catch (error) {
    throw lookupFailure(error, run, credentials) ?? (await synthFailure(error, run));
  }
  await removeLocks(outdir);
}

/**
 * The toolkit assumes the roles that an app names for lookups by itself.
 *
 * @throws Failure `RoleNotAdmitted` naming what is looked up
 */
async function admitLookups(outdir: string, aws: AwsClients): Promise<void> {
  for (const missing of missingIn(outdir)) {
    const place = placeOf(missing);
    const { account, role } = sessionFor(await resolveTarget(aws, place), 'lookup', place.role);
    const refusal = role && aws.admission.refusal(role, account);
    const named = `lookupRoleArn in ${join(outdir, 'manifest.json')}`;
    if (refusal) throw roleNotAdmitted(role, refusal, nameOfKey(missing.key), named);
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
 */
function withoutCommandLineHints(listener: Listener, context: AppContext): Listener {
  return (event) => {
    if (event.type !== 'message' || event.level === 'debug') return listener(event);
    // The toolkit colours its words if Nx asks tasks for colours.
    const text = stripVTControlCharacters(event.text);
    const toldLater = [...context.errors.values()].some((error) => text.includes(error));
    if (event.level === 'info' || EXPECTED.test(text) || toldLater) return listener({ ...event, level: 'debug' });
    listener(
      text.startsWith('WARNING')
        ? { ...event, level: 'warning', text: text.replace(/^WARNING\s+/, '') }
        : { ...event, text },
    );
  };
}

/** Runs the app with the Node that the workspace pins, even if Nx runs with another. */
function pathWithWorkspaceTools(workspaceRoot: string): string {
  return [join(workspaceRoot, 'node_modules', '.bin'), process.env['PATH']]
    .filter(Boolean)
    .join(process.platform === 'win32' ? ';' : ':');
}

async function synthFailure(error: unknown, { projectRoot, outdir }: AppRun): Promise<Failure> {
  if (error instanceof Failure) return error;
  const { ToolkitError } = await import('@aws-cdk/toolkit-lib');
  const message = error instanceof Error ? error.message : String(error);
  if (ToolkitError.isContextLookupsDisabledError(error)) {
    const missing = [...new Set(missingIn(outdir).map(({ key }) => nameOfKey(key)))];
    const parts = {
      what: `${basename(projectRoot)} needs ${missing.join(', ')}, which its cdk.context.json does not have and which may not be looked up here (CI is set, or --no-lookups)`,
      next: 'run nx lookups <project> on a machine with credentials, and commit cdk.context.json',
    };
    return new Failure('MissingContext', parts, { cause: error });
  }
  return new Failure('Synth', { what: `The CDK app in ${projectRoot} failed`, next: message }, { cause: error });
}

/** One sentence for all that could not be looked up: what, and why, each reason once. */
function lookupFailure(
  cause: unknown,
  { projectRoot, context }: AppRun,
  credentials: LookupCredentials,
): Failure | undefined {
  if (context.errors.size === 0) return undefined;
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

/** Locks of the toolkit (`read.<pid>.lock`, `synth.lock`) say who uses a folder now, not what is in it. */
async function removeLocks(outdir: string): Promise<void> {
  for (const name of await readdir(outdir)) {
    if (/^(synth|read\..+)\.lock$/.test(name)) await rm(join(outdir, name));
  }
}
