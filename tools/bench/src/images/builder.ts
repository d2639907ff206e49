import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '@libs/processes';
import type { LocalAws } from 'local-aws';

/** A podman with storage of its own. */
export interface Builder {
  /** Its path, for CDK_DOCKER. */
  readonly program: string;
  /** The first arguments of its calls, such as `build` and `push`, since the last time. */
  calls(): Promise<string[]>;
  /** Takes all images away: a machine that never built anything. */
  forget(): Promise<void>;
}

/**
 * Makes a program that is podman, keeps its images in `folder`, and pushes to the registries of a local AWS.
 *
 * @throws Error if podman does not work here
 */
export async function makeBuilder(
  folder: string,
  aws: Pick<LocalAws, 'registryProxy' | 'caFile'>,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Builder> {
  const { failure } = await run('podman', ['info'], { timeout: 60_000, env: environment });
  if (failure !== undefined)
    throw new Error('This comparison builds a container image, and podman does not work here: install it.');
  await mkdir(folder, { recursive: true });
  const [log, program] = [join(folder, 'calls'), join(folder, 'podman')];
  await writeFile(log, '');
  await writeFile(program, script(folder, log, aws));
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
  };
}

/**
 * The way to the registries is for podman alone, and for nothing but a push: everything else on this machine goes
 * elsewhere.
 */
function script(folder: string, log: string, aws: Pick<LocalAws, 'registryProxy' | 'caFile'>): string {
  const storage = `--root '${join(folder, 'root')}' --runroot '${join(folder, 'run')}' --storage-driver vfs`;
  return `#!/bin/sh
echo "$1" >> '${log}'
export REGISTRY_AUTH_FILE='${join(folder, 'auth.json')}'
case "$1" in
push | login) export HTTPS_PROXY='${aws.registryProxy}' SSL_CERT_FILE='${aws.caFile}' ;;
esac
if [ "$1" = login ]; then
  # podman reads, changes and writes its file of tokens without a lock: of two logins at a time, one would be lost.
  until mkdir '${join(folder, 'login')}' 2>/dev/null; do sleep 0.05; done
  podman ${storage} "$@"
  status=$?
  rmdir '${join(folder, 'login')}'
  exit $status
fi
exec podman ${storage} "$@"
`;
}
