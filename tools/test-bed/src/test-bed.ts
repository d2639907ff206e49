import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReleaseSigning } from '@nx-cdk/environments';
import { type AwsProxy, startProxy } from 'aws-proxy';
import { type LocalAws, startInstance } from '@nx-cdk/local-aws';
import { setUpAccounts } from './principals.ts';
import { CI } from './landscape.ts';
import { sharedAws } from './local-aws.ts';
import { killProcesses } from './process.ts';
import { ScratchWorkspace } from './scratch-workspace.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A local AWS, and a folder: what one spec file works with. */
export interface TestBed {
  /** Absolute, without symbolic links: assemblies and messages name real paths. */
  readonly folder: string;
  readonly local: LocalAws;
  /**
   * A proxy in front of the local AWS. Each run that counts or breaks requests has one of its own, so that runs at the
   * same time do not count or break each other's.
   */
  proxy(): Promise<AwsProxy>;
  /** What a process needs to speak to AWS, through a proxy if one is given, as the root of the CI account. */
  environment(proxy?: AwsProxy): Record<string, string>;
  /** Ends and removes all of it, whatever state it is in. */
  close(): Promise<void>;
}

/** A test bed with a copy of the workspace. */
export interface WorkspaceBed extends TestBed {
  readonly workspace: ScratchWorkspace;
}

export interface TestBedOptions {
  /** Whether accounts are bootstrapped. @default false */
  readonly bootstrapped?: boolean;
  /** The key that releases are signed by, which the local AWS has from the start. @default - none */
  readonly signing?: ReleaseSigning;
  /** A local AWS of its own, for who is no suite of Jest. @default false */
  readonly own?: boolean;
  /** Told what takes long. @default silent */
  readonly log?: (line: string) => void;
}

/** Sets a bed up: an empty local AWS, or one of {@link setUpAccounts}. */
export async function openTestBed({ bootstrapped, signing, own, log }: TestBedOptions = {}): Promise<TestBed> {
  const folder = await temporaryFolder('test-bed-');
  const proxies: AwsProxy[] = [];
  let local: LocalAws | undefined;
  const close = async () => {
    killProcesses();
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await local?.stop();
    // Helpers of Nx that lost their parent need a moment to end, and may write until then.
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  };
  try {
    // A key is there from the start, so a local AWS that has one is not shared.
    const { account: managementAccount, region } = CI;
    const options = { directory: join(folder, 'local-aws'), managementAccount, region, signing, log };
    const aws = (local = own || signing ? await startInstance(options) : await sharedAws());
    if (bootstrapped) await setUpAccounts(aws);
    return {
      folder,
      local: aws,
      proxy: async () => {
        const proxy = await startProxy(aws);
        proxies.push(proxy);
        return proxy;
      },
      environment: (proxy) => ({ ...aws.environment(), ...proxy?.environment }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Sets a bed up with a copy of the workspace. `bootstrapped`: every account of environments.json, by the target. */
export async function openWorkspaceBed({ bootstrapped, signing }: TestBedOptions = {}): Promise<WorkspaceBed> {
  const opened = openTestBed({ signing });
  const copied = ScratchWorkspace.create();
  const close = async () => {
    const [bed, workspace] = await Promise.allSettled([opened, copied]);
    if (bed.status === 'fulfilled') await bed.value.close();
    if (workspace.status === 'fulfilled') await workspace.value.remove();
  };
  try {
    const [bed, workspace] = await Promise.all([opened, copied]);
    if (bootstrapped) await workspace.nx(['bootstrap', 'infra'], bed.environment());
    return { ...bed, workspace, close };
  } catch (error) {
    await close();
    throw error;
  }
}
