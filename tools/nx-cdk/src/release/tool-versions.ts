import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Packages that decide about what an assembly looks like. */
const PACKAGES = ['aws-cdk-lib', 'constructs', '@aws-cdk/toolkit-lib'];

/**
 * The versions of what makes an assembly, by name. A package that an app does not use (one in Python has no
 * aws-cdk-lib) is left out.
 *
 * @param projectRoot where packages are looked for, as the app itself does
 */
export function toolVersions(projectRoot: string): Record<string, string> {
  const require = createRequire(join(projectRoot, 'package.json'));
  const versions: Record<string, string> = {};
  for (const name of PACKAGES) {
    const version = versionOf(require, name);
    if (version !== undefined) versions[name] = version;
  }
  versions['node'] = process.versions.node;
  return versions;
}

function versionOf(require: NodeJS.Require, name: string): string | undefined {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      const { version } = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as { version?: string };
      if (version !== undefined) return version;
    } catch {
      // Not in this folder.
    }
  }
  try {
    const own = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return (JSON.parse(readFileSync(join(dirname(own), 'package.json'), 'utf8')) as { version?: string }).version;
  } catch {
    return undefined;
  }
}
