import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@nx-cdk/processes';
import { Failure } from '../failure/index.ts';
import {
  appEnvironment,
  type EnvironmentRequest,
  FOLLOW,
  type Followed,
  readFollowed,
  unfollowedIn,
} from '../inputs/index.ts';
import type { Listener } from '../progress/index.ts';

/** What the processes of an app get, and may do. */
export interface AppProcessOptions extends EnvironmentRequest {
  /** Programs whose reading the inputs of the Nx target cover. @default none */
  readonly coveredPrograms?: readonly string[];
}

/** The processes of one synthesis: what they get, and what they read. */
export interface AppProcess {
  /** Where its processes write down what they read. */
  readonly folder: string;
  /** The whole environment of the app; undefined for each variable of this process that it does not get. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names of the variables that it does not get. */
  readonly withheld: readonly string[];
  /** What was read until now. */
  followed(outputs: readonly string[]): Followed;
  dispose(): Promise<void>;
}

/**
 * Prepares the processes of an app: they get a part of this environment, and are followed.
 *
 * @param more variables that the app gets besides
 */
export async function prepareApp(
  options: AppProcessOptions,
  more: Readonly<Record<string, string>> = {},
): Promise<AppProcess> {
  const { projectRoot, config, coveredPrograms: covered = [] } = options;
  const { passed, withheld } = appEnvironment(options, process.env);
  const folder = await mkdtemp(join(tmpdir(), 'nx-cdk-follow-'));
  const ours = {
    NODE_OPTIONS: `${passed['NODE_OPTIONS'] ?? ''} --require=${JSON.stringify(FOLLOW)}`.trim(),
    NX_CDK_FOLLOW: folder,
  };
  const place = { cwd: projectRoot, path: passed['PATH'] ?? '', followed: true };
  const unfollowed = [config.build, config.app].flatMap((line) =>
    line === undefined ? [] : unfollowedIn(line, place),
  );
  return {
    folder,
    env: { ...Object.fromEntries(withheld.map((name) => [name, undefined])), ...passed, ...more, ...ours },
    withheld,
    followed: (outputs) => readFollowed({ folder, outputs, unfollowed, covered, environment: process.env }),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * Runs the `build` of a `cdk.json`, which comes before the app.
 *
 * @throws Failure `Synth` if it fails
 */
export async function runBuild(
  { projectRoot, config }: AppProcessOptions,
  { env }: AppProcess,
  listener: Listener,
  signal?: AbortSignal,
): Promise<void> {
  if (config.build === undefined) return;
  const onLine = (text: string) => listener({ type: 'message', level: 'info', text });
  const { failure } = await run('sh', ['-c', config.build], { cwd: projectRoot, env, signal, onLine });
  if (failure === undefined) return;
  const what = `"build" of ${join(projectRoot, 'cdk.json')} failed: ${failure}`;
  throw new Failure('Synth', { what, next: `above is what ${config.build} said` });
}
