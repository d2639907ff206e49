import { readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The files that CDK writes stack traces into. Assets are left alone, they are the user's bytes; templates too, their content is named by its
 * hash in the manifests; asset manifests too, where an absolute path is a file to read and no trace.
 */
const HOLDS_TRACES = /^(manifest\.json|tree\.json|validation-report\.json|.*\.metadata\.json)$/;

/**
 * Makes an assembly independent of where it was made: the checkout's path in the frames of stack traces becomes relative to the workspace. The one
 * place where an assembly is changed after the app wrote it.
 *
 * Only frames are changed (a path, a line), and only where the path begins: a workspace may be in `/app`, and `/app/` may as well be part of the
 * name of a parameter, a tag or another path.
 *
 * @param directory the assembly
 * @param workspaceRoot what paths are made relative to
 */
export function canonicalize(directory: string, workspaceRoot: string): void {
  rewrite(directory, framesBelow(workspaceRoot));
}

function rewrite(directory: string, frames: RegExp): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (entry.name.startsWith('assembly-')) rewrite(path, frames);
    } else if (HOLDS_TRACES.test(entry.name)) {
      const text = readFileSync(path, 'utf8');
      const relative = text.replace(frames, '');
      if (relative !== text) writeFileSync(path, relative);
    }
  }
}

/**
 * Matches the workspace's path, or its URL, at the beginning of a frame's place: after it come a file with its extension and a line. CDK puts three dots before
 * the frames that it leaves out (`reportSkipped` in aws-cdk-lib's core/lib/private/stack-trace.js), and may name a place right after them.
 */
function framesBelow(workspaceRoot: string): RegExp {
  // Node names modules by their real path, whatever link the workspace was reached by.
  const roots = [...new Set([workspaceRoot, realpathSync(workspaceRoot)])].flatMap((root) => [
    pathToFileURL(root).href,
    JSON.stringify(root).slice(1, -1),
  ]);
  const places = roots.map((root) => root.replace(/\/$/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  return new RegExp(String.raw`(?<=["( ]|["( ]\.\.\.)(?:${places})/(?=[^":]*\.\w+:\d+)`, 'g');
}
