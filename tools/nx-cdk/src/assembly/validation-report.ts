import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What CDK calls the report of its validation, next to the outermost manifest. */
const REPORT = 'validation-report.json';

/** Older than any schema that a toolkit may know. */
const ANY = '1.0.0';

/**
 * Gives the report of CDK's validation a version that each toolkit reads. The toolkit takes assemblies of a newer
 * schema if it is told to, but not their reports (`Manifest.loadValidationReport`), of which it only shows the
 * findings.
 *
 * @param directory the assembly
 */
export function makeReportReadable(directory: string): void {
  const file = join(directory, REPORT);
  if (!existsSync(file)) return;
  const text = readFileSync(file, 'utf8');
  const settled = text.replace(/^(\s*\{\s*"version"\s*:\s*)"\d+\.\d+\.\d+"/, `$1"${ANY}"`);
  if (settled !== text) writeFileSync(file, settled);
}
