import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { AwsClients } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import { type Listener, Run, count } from '../progress/index.ts';
import { readCdkJson } from '../cdk-json/index.ts';
import { AppContext, CONTEXT_FILE, nameOfKey, runApp } from '../synth/index.ts';
import { chooseKeys } from './choose-keys.ts';
import { compareValues } from './compare-values.ts';
import type { LookupsReport, LookupsRequest } from './request.ts';
import { showValues } from './show-values.ts';

/** What a run works with. */
export interface LookupsDependencies {
  readonly aws: AwsClients;
  readonly listener: Listener;
  /** When it fires, the file stays as it is. */
  readonly signal?: AbortSignal;
}

/**
 * Looks up what an app asks for and keeps it in `cdk.context.json`. The file is written once, at the end of a run
 * without an error; the app's assembly goes to a temporary folder, so that the last one of `synth` stays.
 *
 * Only roles for reading are assumed: the lookup role of each account and region, or what a plugin of `cdk.json` has.
 *
 * @throws Failure as `runApp` does, and `UnknownKey` if a pattern fits no value
 */
export async function lookUp(
  request: LookupsRequest,
  { aws, listener, signal }: LookupsDependencies,
): Promise<LookupsReport> {
  const { workspaceRoot, projectRoot, keys = [] } = request;
  const config = readCdkJson(projectRoot);
  const fixed = { ...config.context, ...request.context };
  const before = await new AppContext(projectRoot, fixed).stored();
  const again = request.refresh === true || keys.length > 0 ? chooseKeys(Object.keys(before), keys) : new Set<string>();
  const context = new AppContext(projectRoot, fixed, { forget: (key) => again.has(key), writeThrough: false });
  const subject = basename(projectRoot);
  const run = new Run({ listener, signal, action: 'lookups', items: 0, noun: 'value', subject });

  const outdir = await mkdtemp(join(tmpdir(), 'nx-cdk-lookups-'));
  try {
    await runApp({ workspaceRoot, projectRoot, config, context, outdir, lookups: true }, { aws, listener });
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

/** An app may live with a lookup that failed; a file that lacks the value must not pass for a complete one. */
function refuseErrors({ errors }: AppContext, projectRoot: string): void {
  if (errors.size === 0) return;
  const parts = [...errors].map(([key, error]) => `${nameOfKey(key)}: ${error.trim().replace(/\.$/, '')}`);
  throw new Failure('Lookup', { what: `${basename(projectRoot)} could not look up ${parts.join('; ')}` });
}
