import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PluginReportJson } from '@aws-cdk/cloud-assembly-schema';
import { AssemblyFolder, readDataSync } from './data-file.ts';
import { brokenAssembly } from './load-manifest.ts';

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

/**
 * What the policy validation plugins of an app have found, cdk-nag for one, each in a report of its own. Empty if CDK
 * wrote no report, as older versions do. As `cdk validate --no-online` reads it, but as data: nothing outside of the
 * assembly is read, and a newer version is no reason to refuse what is known of it.
 *
 * @param directory the assembly
 * @throws Failure `BrokenAssembly` if the report cannot be understood, `OutsideAssembly`
 */
export function readPluginReports(directory: string): PluginReportJson[] {
  const file = join(directory, REPORT);
  if (!existsSync(file)) return [];
  new AssemblyFolder(directory).inside(file, 'The assembly holds');
  let content: unknown;
  try {
    content = JSON.parse(readDataSync(file).toString());
  } catch (cause) {
    throw brokenAssembly(`${file} cannot be read: ${(cause as Error).message}`, cause);
  }
  const { pluginReports } = (content ?? {}) as { pluginReports?: unknown };
  if (!Array.isArray(pluginReports) || !pluginReports.every(isPluginReport)) {
    throw brokenAssembly(`${file} is no report of validation plugins`);
  }
  return pluginReports;
}

function isPluginReport(report: Partial<PluginReportJson> | null): report is PluginReportJson {
  if (typeof report?.pluginName !== 'string') return false;
  const { violations, suppressedViolations = [] } = report;
  return [violations, suppressedViolations].every(
    (list) =>
      Array.isArray(list) && list.every((one) => isText(one?.ruleName) && isConstructs(one.violatingConstructs)),
  );
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isConstructs(constructs: unknown): boolean {
  return Array.isArray(constructs) && constructs.every((one) => typeof one === 'object' && one !== null);
}
