import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ENVIRONMENTS_FILE, type ReleaseSigning, allTargets, readEnvironments } from '@nx-cdk/environments';
import { git } from '@nx-cdk/processes';
import { clientEnvironment, writeEnvFile } from './client-environment.ts';
import { start } from './instance.ts';
import { LocalAwsError } from './local-aws-error.ts';
import { DEFAULT_INSTANCE, stateRoot, workspaceRoot } from './locations.ts';
import type { RunningInstance } from './running-instance.ts';

const DEFAULT_PORT = 4566;

/** Who somebody is in a workspace without an environments file. */
const DEFAULT_CALLER = { account: '111111111111', region: 'us-east-1' };

/** What the local AWS takes from the environments file of the workspace. */
export interface WorkspaceSettings {
  /** The account and region that commands work in: those of the CI. */
  readonly caller: { readonly account: string; readonly region: string };
  /** Every account that the file names. */
  readonly accounts: readonly string[];
  readonly signing?: ReleaseSigning;
}

/**
 * Reads the environments file. A workspace need not have one: apps may name their accounts themselves, or none.
 *
 * @throws EnvironmentsError if there is one that is wrong
 */
export function workspaceSettings(): WorkspaceSettings {
  const file = join(workspaceRoot(), ENVIRONMENTS_FILE);
  if (!existsSync(file)) return { caller: DEFAULT_CALLER, accounts: [DEFAULT_CALLER.account] };
  const environments = readEnvironments(file);
  const { ci, signing } = environments;
  const accounts = new Set([ci, ...allTargets(environments)].map(({ account }) => account));
  return { caller: { account: ci.account, region: ci.region }, accounts: [...accounts], signing };
}

/** An instance of this workspace. */
export interface WorkspaceInstance {
  /** Absolute. */
  readonly directory: string;
  /** @default 4566 */
  readonly port?: number;
  /** Refuse what the local AWS does not know, instead of making placeholders. @default false, or as it runs */
  readonly strict?: boolean;
  /** Whether it is the one that `-c local-aws` means. */
  readonly isDefault: boolean;
}

/** Which instance somebody means who names an instance, a directory, or neither. */
export function isDefaultInstance({ instance, directory }: { instance?: string; directory?: string }): boolean {
  return directory === undefined && (instance ?? DEFAULT_INSTANCE) === DEFAULT_INSTANCE;
}

/**
 * Starts an instance for this workspace, or finds it running, and points `-c local-aws` at the default one.
 *
 * @param say takes what takes long, and hints
 * @throws LocalAwsError as `start` does, and if it runs on another port than the one that is wanted, or is not strict
 */
export async function startInWorkspace(
  { directory, port, strict, isDefault }: WorkspaceInstance,
  say: (text: string) => void,
  signal?: AbortSignal,
): Promise<{ instance: RunningInstance; alreadyRunning: boolean; environment: Record<string, string> }> {
  const { caller, signing } = workspaceSettings();
  await makeStateRoot();
  const options = {
    directory,
    port: port ?? DEFAULT_PORT,
    managementAccount: caller.account,
    region: caller.region,
    signing,
    strict,
  };
  const { instance, alreadyRunning } = await start(options, say, signal);
  if (alreadyRunning && port && port !== instance.port)
    throw new LocalAwsError(
      'PortInUse',
      `The local AWS runs already, on port ${instance.port}: stop it first to have it on port ${port}, or start another with --instance=<name>.`,
    );
  if (alreadyRunning && strict && !instance.strict)
    throw new LocalAwsError(
      'BadOption',
      'The local AWS runs already, without --strict: stop it first, or start another with --instance=<name>.',
    );
  const environment = clientEnvironment({ ...instance, ...caller });
  if (isDefault) await writeForNx(environment, say);
  return { instance, alreadyRunning, environment };
}

/** Git ignores what is in it, whatever the workspace says: keys, logs and a Python environment. */
async function makeStateRoot(): Promise<void> {
  const ignored = join(stateRoot(), '.gitignore');
  await mkdir(dirname(ignored), { recursive: true });
  if (!existsSync(ignored)) await writeFile(ignored, '*\n');
}

async function writeForNx(environment: Record<string, string>, say: (text: string) => void): Promise<void> {
  const file = join(workspaceRoot(), '.env.local-aws');
  await writeEnvFile(file, environment);
  // 1: git does not ignore it. 128: this is no repository.
  const { code } = await git(dirname(file), ['check-ignore', '--quiet', file]);
  if (code === 1) say('Add .env.local-aws to .gitignore: it holds the secret of the local AWS.');
}
