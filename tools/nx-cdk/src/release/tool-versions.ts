import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Packages that decide about what an assembly looks like. */
const PACKAGES = ['aws-cdk-lib', 'constructs', '@aws-cdk/toolkit-lib'];

/** The versions of what makes an assembly, by name. A package that an app does not use is left out. */
export function toolVersions(projectRoot: string): Record<string, string> {
  const found = PACKAGES.map((name) => [name, versionOf(projectRoot, name)] as const);
  return { ...Object.fromEntries(found.filter((each) => each[1] !== undefined)), node: process.versions.node };
}

function versionOf(projectRoot: string, name: string): string | undefined {
  // What the app does not have is looked for where this file is.
  const places = [join(projectRoot, 'package.json'), import.meta.url];
  for (const folder of places.flatMap((place) => createRequire(place).resolve.paths(name) ?? [])) {
    try {
      const { version } = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as { version?: string };
      if (version !== undefined) return version;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
