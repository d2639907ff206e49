import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** podman refuses a `--runroot` of more than 50 characters, of which the tests need up to 37 below this folder. */
const LONGEST_PARENT = 13;

/**
 * A new folder for a test, without symbolic links in its path: in the system's temporary folder, or in `/tmp` if the
 * path of that is too long for podman.
 */
export async function temporaryFolder(prefix: string): Promise<string> {
  const system = await realpath(tmpdir());
  return mkdtemp(join(system.length > LONGEST_PARENT ? await realpath('/tmp') : system, prefix));
}
