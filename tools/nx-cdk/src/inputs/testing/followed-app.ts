import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type TemporaryWorkspace, temporaryWorkspace } from '../../testing/temporary-workspace.ts';
import { FOLLOW } from '../environment.ts';
import { keepReads, keyOf, type KnownSyntheses } from '../known.ts';
import { type Followed, type FollowedRun, readFollowed } from '../reads.ts';

/** A script in a workspace that stands for an app: it is followed, and known by what it read. */
export interface FollowedApp {
  readonly workspace: TemporaryWorkspace;
  /** Folder of the app; absolute. */
  readonly folder: string;
  /** Its environment, for {@link FollowedApp.nextKey}. */
  readonly environment: NodeJS.ProcessEnv;
  readonly place: KnownSyntheses;
  /** Changes a file of the workspace. */
  edited(file: string, text?: string): void;
  /** The key that the next synthesis has. */
  nextKey(): string;
  /** Runs a script under the next key, keeps what it read, and returns the key. Fails if that cannot be kept. */
  synthesized(source: string): string;
  /** Runs a script. `fs` and `child` are modules that it has. */
  followed(source: string, covered?: readonly string[]): Followed;
  /** What followed processes wrote into a folder. */
  read(folder: string, more?: Partial<FollowedRun>): Followed;
}

/** Makes a workspace with an app; to be removed with `workspace.dispose`. */
export function followedApp(files: Readonly<Record<string, string | object>>): FollowedApp {
  const workspace = temporaryWorkspace(files);
  const folder = workspace.path('apps/shop');
  mkdirSync(folder, { recursive: true });
  const environment: NodeJS.ProcessEnv = {};
  const output = workspace.path('apps/shop/cdk.out');
  const place = { folder: workspace.path('records'), workspaceRoot: workspace.root, output };
  const nextKey = () => keyOf(['hash'], place, environment);
  const read: FollowedApp['read'] = (logs, more = {}) =>
    readFollowed({ folder: logs, outputs: [output], unfollowed: [], covered: [], environment, ...more });
  const followed: FollowedApp['followed'] = (source, covered = []) => {
    workspace.write(
      'apps/shop/app.cjs',
      `const fs = require('node:fs'); const child = require('node:child_process');\n${source}`,
    );
    const logs = workspace.path('log');
    rmSync(logs, { recursive: true, force: true });
    mkdirSync(logs);
    const env = { PATH: process.env['PATH'], NODE_OPTIONS: `--require=${JSON.stringify(FOLLOW)}`, NX_CDK_FOLLOW: logs };
    const { status, stderr } = spawnSync('node', ['app.cjs'], { cwd: folder, env, encoding: 'utf8' });
    // CDK says on it what it bundles.
    expect({ status, error: status === 0 ? '' : stderr }).toEqual({ status: 0, error: '' });
    return read(logs, { covered });
  };
  return {
    ...{ workspace, folder, environment, place, nextKey, followed, read },
    edited: (file, text = 'something else') => writeFileSync(workspace.path(file), text),
    synthesized: (source) => {
      const key = nextKey();
      const { reads, obstacles } = followed(source);
      expect(obstacles).toEqual([]);
      keepReads(key, reads!, place);
      return key;
    },
  };
}
