import { chmodSync, existsSync, lstatSync, readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { canonicalMode } from './folder.ts';

/**
 * The files that CDK writes stack traces into. Others stay as they are: assets are the user's bytes, templates are
 * named by their hash in the manifests, and an absolute path in an asset manifest is a file to read.
 */
const HOLDS_TRACES = /^(manifest\.json|tree\.json|validation-report\.json|.*\.metadata\.json)$/;

/**
 * Makes an assembly independent of where, when and by whom it was made. Besides the version of a report
 * (`validation-report.ts`), the only place that changes an assembly after the app wrote it.
 *
 * - In the frames of stack traces, the path of the checkout becomes relative to the workspace, and so does that of a
 *   folder in the system's temporary folder, which has another name in each run: an app in Python, Java, C# or Go runs
 *   CDK from two of them (`jsii-kernel-*` of @jsii/kernel, and the folder that the library of the language unpacks its
 *   `program.js` to).
 * - What CDK has copied into the assembly gets mode 755 if its owner may execute it and 644 otherwise, as in our zips:
 *   otherwise a umask gets into images, and into what the stock tools zip.
 *
 * Only the beginning of a frame (a path, a line) is changed: `/app/` may be the workspace, and also part of the name of
 * a parameter, a tag or another path. A path, time or random number that the app itself writes stays.
 *
 * @param directory the assembly
 * @param workspaceRoot what paths are made relative to
 */
export function canonicalize(directory: string, workspaceRoot: string): void {
  // In this order: the workspace may be in the temporary folder.
  settle(directory, [
    [framesBelow(workspaceRoot), ''],
    [framesBelow(tmpdir(), '[^/":]+/'), '<temporary>/'],
  ]);
}

type Replacement = readonly [frames: RegExp, by: string];

function settle(directory: string, replacements: readonly Replacement[]): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.name.startsWith('asset.')) settleModes(path);
    else if (entry.isDirectory() && existsSync(join(path, 'manifest.json'))) settle(path, replacements);
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
 * Matches a folder's path, or its URL, at the beginning of a frame's place, before a file with its extension and a
 * line. CDK puts three dots before the frames that it leaves out (`reportSkipped` in aws-cdk-lib's
 * core/lib/private/stack-trace.js), and may name a place right after them.
 *
 * @param rest pattern of what else is matched after the path
 */
function framesBelow(folder: string, rest = ''): RegExp {
  // Node names modules by their real path, whatever link the folder was reached by.
  const real = existsSync(folder) ? realpathSync(folder) : folder;
  const roots = [folder, real].flatMap((root) => [pathToFileURL(root).href, JSON.stringify(root).slice(1, -1)]);
  const places = roots.map((root) => root.replace(/\/$/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  return new RegExp(String.raw`(?<=["( ]|["( ]\.\.\.)(?:${places})/${rest}(?=[^":]*\.\w+:\d+)`, 'g');
}
