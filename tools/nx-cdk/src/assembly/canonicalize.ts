import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Files that CDK writes for its tools. Assets are left alone: they are the user's bytes. */
const WRITTEN_BY_CDK = /^(manifest\.json|tree\.json|validation-report\.json|.*\.(assets|metadata|template)\.json)$/;

/**
 * Makes an assembly independent of where it was made: the checkout's path, which CDK writes into stack traces, becomes relative to the
 * workspace. The one place where an assembly is changed after the app wrote it.
 *
 * Templates are searched as well but only ever hold such a path where an app puts it there itself; they are left as they are, since
 * their content is named by its hash in the manifests.
 *
 * @param directory the assembly
 * @param workspaceRoot what paths are made relative to
 */
export function canonicalize(directory: string, workspaceRoot: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (entry.name.startsWith('assembly-')) canonicalize(path, workspaceRoot);
    } else if (WRITTEN_BY_CDK.test(entry.name) && !entry.name.endsWith('.template.json')) {
      const text = readFileSync(path, 'utf8');
      const relative = text
        .replaceAll(`${pathToFileURL(workspaceRoot).href}/`, '')
        .replaceAll(`${JSON.stringify(workspaceRoot).slice(1, -1)}/`, '');
      if (relative !== text) writeFileSync(path, relative);
    }
  }
}
