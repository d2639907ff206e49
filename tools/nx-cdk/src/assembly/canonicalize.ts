import { chmodSync, existsSync, lstatSync, readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { canonicalMode } from './folder.ts';

/**
 * The files that CDK writes stack traces into. Others are left alone: assets are the user's bytes, templates are named
 * by their hash in the manifests, and an absolute path in an asset manifest is a file to read and no trace.
 */
const HOLDS_TRACES = /^(manifest\.json|tree\.json|validation-report\.json|.*\.metadata\.json)$/;

/** What stands in a frame for a folder that was made for one run. */
const TEMPORARY = '<temporary>/';

/**
 * Makes an assembly independent of where, when and by whom it was made. The one place where an assembly is changed
 * after the app wrote it.
 *
 * - The checkout's path in the frames of stack traces becomes relative to the workspace.
 * - So does that of a folder in the system's temporary folder, whose name is another one with each run: an app in
 *   Python, Java, C# or Go runs CDK from two of them (`jsii-kernel-*` of @jsii/kernel, and the folder that the library
 *   of the language unpacks its `program.js` to).
 * - What CDK has copied into the assembly gets mode 755 if its owner may execute it and 644 otherwise, as in a zip of
 *   ours: a umask would otherwise get into images, and into what the stock tools zip.
 *
 * Only frames are changed (a path, a line), and only where the path begins: a workspace may be in `/app`, and `/app/`
 * may as well be part of the name of a parameter, a tag or another path. What the app itself writes down, a path, a
 * time or a random number, is its own and stays.
 *
 * @param directory the assembly
 * @param workspaceRoot what paths are made relative to
 */
export function canonicalize(directory: string, workspaceRoot: string): void {
  // In this order: the workspace may be in the temporary folder.
  settle(directory, [
    [framesBelow(workspaceRoot), ''],
    [framesBelow(tmpdir(), '[^/":]+/'), TEMPORARY],
  ]);
}

type Replacement = readonly [frames: RegExp, by: string];

function settle(directory: string, replacements: readonly Replacement[]): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.name.startsWith('asset.')) settleModes(path);
    else if (entry.isDirectory() && entry.name.startsWith('assembly-')) settle(path, replacements);
    else if (!entry.isDirectory() && HOLDS_TRACES.test(entry.name)) {
      const text = readFileSync(path, 'utf8');
      const settled = replacements.reduce((before, [frames, by]) => before.replace(frames, by), text);
      if (settled !== text) writeFileSync(path, settled);
    }
  }
}

/** Links have no mode of their own, and what they lead to is in the asset too, or not part of the assembly. */
function settleModes(path: string): void {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return;
  const mode = stats.isDirectory() ? 0o755 : canonicalMode(stats.mode) & 0o777;
  if ((stats.mode & 0o7777) !== mode) chmodSync(path, mode);
  if (stats.isDirectory()) for (const name of readdirSync(path)) settleModes(join(path, name));
}

/**
 * Matches a folder's path, or its URL, at the beginning of a frame's place: after it come a file with its extension and
 * a line. CDK puts three dots before the frames that it leaves out (`reportSkipped` in aws-cdk-lib's
 * core/lib/private/stack-trace.js), and may name a place right after them.
 *
 * @param rest pattern of what else is matched after the path
 */
function framesBelow(folder: string, rest = ''): RegExp {
  // Node names modules by their real path, whatever link the folder was reached by.
  const real = existsSync(folder) ? realpathSync(folder) : folder;
  const roots = [...new Set([folder, real])].flatMap((root) => [
    pathToFileURL(root).href,
    JSON.stringify(root).slice(1, -1),
  ]);
  const places = roots.map((root) => root.replace(/\/$/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  return new RegExp(String.raw`(?<=["( ]|["( ]\.\.\.)(?:${places})/${rest}(?=[^":]*\.\w+:\d+)`, 'g');
}
