import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReleaseSigning } from '@libs/environments';
import { type LocalAws, startInstance } from 'local-aws';
import { CI } from './landscape.ts';
import { sharedAws } from './local-aws.ts';
import { killProcesses } from './process.ts';
import { ScratchWorkspace } from './scratch-workspace.ts';

/** A local AWS and a copy of the workspace: what one spec file works with. */
export interface TestBed {
  readonly aws: LocalAws;
  readonly workspace: ScratchWorkspace;
  /** Ends and removes all of it, whatever state it is in. */
  close(): Promise<void>;
}

export interface TestBedOptions {
  /** Whether every account of environments.json is bootstrapped, by the bootstrap target. @default false */
  readonly bootstrapped?: boolean;
  /** The key that releases are signed by, which the local AWS has from the start. @default - none */
  readonly signing?: ReleaseSigning;
}

/** Sets a bed up: an empty local AWS, and a copy of the workspace. */
export async function openTestBed(options: TestBedOptions = {}): Promise<TestBed> {
  const { bootstrapped, signing } = options;
  const started = signing === undefined ? sharedAws() : awsWithKey(signing);
  const copied = ScratchWorkspace.create();
  const close = async () => {
    killProcesses();
    const parts = await Promise.allSettled([started, copied]);
    const [aws, workspace] = [parts[0], parts[1]];
    if (aws.status === 'fulfilled') await aws.value.stop();
    if (workspace.status === 'fulfilled') await workspace.value.remove();
  };
  try {
    const [aws, workspace] = await Promise.all([started, copied]);
    if (bootstrapped === true) await workspace.nx(['bootstrap', 'infra'], aws.environment());
    return { aws, workspace, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A local AWS of its own, since a key is there from the start. */
async function awsWithKey(signing: ReleaseSigning): Promise<LocalAws> {
  const directory = await mkdtemp(join(tmpdir(), 'local-aws-'));
  const { account: managementAccount, region } = CI;
  const aws = await startInstance({ directory, managementAccount, region, logRequests: true, signing });
  return {
    ...aws,
    stop: async () => {
      await aws.stop();
      await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
