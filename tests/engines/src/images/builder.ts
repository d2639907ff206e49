import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export { describeWithPodman } from 'test-bed';

/** A podman with storage of its own, that writes down what it is asked for. */
export interface Builder {
  /** Its path, for CDK_DOCKER. */
  readonly program: string;
  /** The first arguments of its calls, such as `build`, since the last time. */
  calls(): Promise<string[]>;
  /** Takes all images away: a fresh machine. */
  forget(): Promise<void>;
  podman(args: readonly string[], environment?: Record<string, string>): string;
}

/** @param prelude lines of shell that run before podman does */
export async function makeBuilder(folder: string, prelude = ''): Promise<Builder> {
  await mkdir(folder, { recursive: true });
  const [log, program] = [join(folder, 'calls'), join(folder, 'podman')];
  const storage = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
  await writeFile(log, '');
  await writeFile(program, `#!/bin/sh\necho "$1" >> '${log}'\n${prelude}\nexec podman ${storage.join(' ')} "$@"\n`);
  await chmod(program, 0o755);
  return {
    program,
    calls: async () => {
      const calls = (await readFile(log, 'utf8')).split('\n').filter(Boolean);
      await writeFile(log, '');
      return calls;
    },
    forget: async () => {
      for (const each of ['root', 'run']) await rm(join(folder, each), { recursive: true, force: true });
    },
    podman: (args, environment = {}) =>
      execFileSync('podman', [...storage, ...args], {
        encoding: 'utf8',
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      }).trim(),
  };
}
