import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { EngineDependencies } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import { Run, type RunEnd, count } from '../progress/index.ts';
import { readCdkJson } from '../cdk-json/index.ts';
import { AppContext, CONTEXT_FILE, nameOfKey, runApp } from '../synth/index.ts';
import { chooseKeys, compareValues, type LookupValue, showValues } from './values.ts';

export interface LookupsRequest {
  readonly workspaceRoot: string;
  /** Folder of the `cdk.json` and the `cdk.context.json`. */
  readonly projectRoot: string;
  /** Context values, which win over those of `cdk.json` and `cdk.context.json`. */
  readonly context?: Readonly<Record<string, unknown>>;
  /**
   * Whether values that are there are looked up again.
   * @default false
   */
  readonly refresh?: boolean;
  /**
   * Patterns of the values to look up again; they imply `refresh`.
   * @default - all
   */
  readonly keys?: readonly string[];
  /** Names of further variables that the app gets. @default none */
  readonly passEnvironment?: readonly string[];
}

export interface LookupsReport extends RunEnd {
  /** Absolute path of `cdk.context.json`. */
  readonly file: string;
  /** Whether the file was changed. */
  readonly changed: boolean;
  readonly values: readonly LookupValue[];
}

/**
 * Looks up what an app asks for and keeps it in `cdk.context.json`. The file is written once, at the end of a run
 * without an error or interruption. The assembly goes to a temporary folder, so that the last one of `synth` stays.
 *
 * Only roles for reading are assumed: the lookup role of each account and region, or what a plugin of `cdk.json` has.
 *
 * @throws Failure as `runApp` does, and `UnknownKey` if a pattern fits no value
 */
export async function lookUp(
  request: LookupsRequest,
  { aws, listener, signal }: EngineDependencies,
): Promise<LookupsReport> {
  const { workspaceRoot, projectRoot, keys = [], passEnvironment } = request;
  const config = readCdkJson(projectRoot);
  const fixed = { ...config.context, ...request.context };
  const before = await new AppContext(projectRoot, fixed).stored();
  const again = request.refresh === true || keys.length > 0 ? chooseKeys(Object.keys(before), keys) : new Set<string>();
  const context = new AppContext(projectRoot, fixed, again);
  const subject = basename(projectRoot);
  const run = new Run({ listener, signal, action: 'lookups', items: 0, noun: 'value', subject });

  const outdir = await mkdtemp(join(tmpdir(), 'nx-cdk-lookups-'));
  try {
    const run = { workspaceRoot, projectRoot, config, context, outdir, lookups: true, passEnvironment };
    await runApp(run, { aws, listener, signal });
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
  refuseErrors(context, projectRoot);

  const interrupted = signal?.aborted ?? false;
  if (!interrupted) await context.save();
  const values = compareValues(before, await context.stored(), again);
  const changed = !interrupted && values.some(({ outcome }) => ['added', 'changed', 'unused'].includes(outcome));
  if (values.length > 0) listener({ type: 'message', level: 'info', text: showValues(values) });
  const written = interrupted ? 'left as it was' : changed ? 'written: commit it' : 'unchanged';
  const end = run.finish(`${CONTEXT_FILE} ${written}, ${count(values.length, 'looked-up value')}`, !interrupted);
  return { ...end, file: context.file, changed, values };
}

/** An app may do without a lookup that failed, but a file without the value is not complete. */
function refuseErrors({ errors }: AppContext, projectRoot: string): void {
  if (errors.size === 0) return;
  const parts = [...errors].map(([key, error]) => `${nameOfKey(key)}: ${error.trim().replace(/\.$/, '')}`);
  throw new Failure('Lookup', { what: `${basename(projectRoot)} could not look up ${parts.join('; ')}` });
}
