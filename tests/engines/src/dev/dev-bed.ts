import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HotswapRoleStack } from '@nx-cdk/constructs';
import { type Environments, readEnvironments } from '@nx-cdk/environments';
import type { App } from 'aws-cdk-lib/core';
import type { AwsProxy } from 'aws-proxy';
import type { Assembly } from 'nx-cdk/src/assembly/model.ts';
import { admissionOf, createAws } from 'nx-cdk/src/aws/index.ts';
import { GivenParameters } from 'nx-cdk/src/cloudformation/index.ts';
import { dev } from 'nx-cdk/src/dev/index.ts';
import type { DevReport, DevWorkspace } from 'nx-cdk/src/dev/contract.ts';
import { type Credentials, ENVIRONMENTS, ROLES, STAGING, type TestBed, userWhoMayAssume } from 'test-bed';
import { synth } from '../bed/apps.ts';
import { ship } from '../bed/ship.ts';

/** The hotswap role of the environment for development. */
export const HOTSWAP = `arn:aws:iam::${STAGING.account}:role/nx-cdk-hotswap-${STAGING.region}`;

/** Makes the hotswap role, as `apps/required-resources` does, and a user who may assume what `nx dev` takes. */
export async function developerOf(bed: TestBed, environments: Environments): Promise<Credentials> {
  const assembly = synth(bed.folder, 'hotswap-role', (app) => {
    new HotswapRoleStack(app, { target: STAGING, environments });
  });
  const { deployed } = await ship(assembly, { environment: bed.environment() });
  expect(deployed.success).toBe(true);
  return userWhoMayAssume(bed.local, 'developer', [...ROLES.publishing, ...ROLES.deploying, HOTSWAP]);
}

/** The environments file, with the first environment for development. */
export async function developmentEnvironments({ folder }: TestBed): Promise<Environments> {
  const [staging, prod] = ENVIRONMENTS.environments;
  const file = join(folder, 'environments.json');
  const environments = { ...ENVIRONMENTS, environments: [{ ...staging, development: true }, prod] };
  await writeFile(file, JSON.stringify(environments));
  return readEnvironments(file);
}

/** A session of `nx dev` in this process; each edit is synthesized. */
export interface DevSessionUnderTest {
  /** Writes the file that is watched, and waits until the edit was brought. @returns what was said meanwhile */
  edit(): Promise<string>;
  /** What was said until it waited for edits. */
  readonly started: string;
  /** Waits until something is said. */
  said(text: RegExp): Promise<string>;
  end(): Promise<DevReport>;
}

interface SessionOptions {
  readonly bed: TestBed;
  readonly environments: Environments;
  readonly developer: Credentials;
  readonly proxy: AwsProxy;
  readonly build: (app: App) => void;
  /** @default false */
  readonly logs?: boolean;
}

const WAITING = 'Waiting for edits';

/** Milliseconds after which nothing is waited for any more. */
const PATIENCE = 60_000;

/** Starts a session, and waits until it waits for edits. */
export async function startSession(options: SessionOptions): Promise<DevSessionUnderTest> {
  const { bed, environments, developer, proxy, build, logs = false } = options;
  const folder = join(bed.folder, 'watched');
  await mkdir(folder, { recursive: true });
  const ending = new AbortController();
  const texts: string[] = [];
  const waiting = new Set<() => void>();
  const aws = createAws({
    listener: () => undefined,
    environment: { ...developer, ...proxy.environment },
    admission: admissionOf({ environments, environment: 'staging' }),
  });
  const listener: Parameters<typeof createAws>[0]['listener'] = (event) => {
    if (event.type !== 'message') return;
    texts.push(event.text);
    for (const look of waiting) look();
  };
  // The CDK knows what it has once put into a folder, and looks no more.
  const assemble = (): Assembly => synth(bed.folder, `dev-${randomUUID()}`, build);
  let assembly: Assembly;
  const report = dev(
    {
      project: 'orders',
      projectRoot: folder,
      workspace: workspaceOf(folder),
      environments,
      environment: 'staging',
      synthesize: async () => {
        assembly = assemble();
        return { output: assembly.directory };
      },
      open: async () => {
        const stacks = assembly.stacks.map(({ id }) => id);
        return { assembly, stacks, parameters: new GivenParameters([], assembly.stacks) };
      },
      ask: async () => undefined,
      logs,
    },
    { aws, listener, signal: ending.signal },
  );
  const until = async (isSo: () => boolean) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`Not said in time:\n${texts.join('\n')}`)), PATIENCE);
    const look = () => {
      if (isSo()) resolve();
    };
    waiting.add(look);
    look();
    await Promise.race([promise, report]).finally(() => clearTimeout(timer));
    waiting.delete(look);
    return texts.join('\n');
  };
  const rounds = () => texts.filter((text) => text.startsWith(WAITING)).length;
  const started = await until(() => rounds() === 1);
  return {
    started,
    edit: async () => {
      const [before, round] = [texts.length, rounds()];
      await writeFile(join(folder, 'edited.ts'), `// ${round}`);
      await until(() => rounds() > round);
      return texts.slice(before).join('\n');
    },
    said: (text) => until(() => texts.some((one) => text.test(one))),
    end: async () => {
      ending.abort();
      const result = await report;
      aws.destroy();
      return result;
    },
  };
}

/** Nothing is built: the app is all that there is. */
function workspaceOf(root: string): DevWorkspace {
  return {
    root,
    folders: () => [root],
    isIgnored: () => false,
    buildAll: async () => undefined,
    builtFrom: () => [],
    build: async () => undefined,
    outputs: () => new Map(),
    refresh: async () => false,
  };
}
