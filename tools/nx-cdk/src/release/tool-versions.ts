import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Packages that decide about what an assembly looks like. */
const PACKAGES = ['aws-cdk-lib', 'constructs', '@aws-cdk/toolkit-lib'];

/** It writes the manifests for `aws-cdk-lib`, which takes many versions of it: each manifest says which one it was. */
const SCHEMA = '@aws-cdk/cloud-assembly-schema';

interface Found {
  /** Its package.json. */
  readonly file: string;
  readonly version: string;
}

/** The versions of what makes an assembly, by name. A package that an app does not use is left out. */
export function toolVersions(projectRoot: string): Record<string, string> {
  // What the app does not have is looked for where this file is.
  const places = [join(projectRoot, 'package.json'), import.meta.url];
  const found = PACKAGES.map((name) => [name, findPackage(name, places)] as const);
  const library = found.find(([name]) => name === 'aws-cdk-lib')?.[1];
  const all = [...found, [SCHEMA, library && findPackage(SCHEMA, [library.file])] as const];
  const versions = all.flatMap(([name, each]) => (each === undefined ? [] : [[name, each.version] as const]));
  return { ...Object.fromEntries(versions), node: process.versions.node };
}

/** @param places files from which it is looked for, one after the other, as Node does */
function findPackage(name: string, places: readonly string[]): Found | undefined {
  for (const folder of places.flatMap((place) => createRequire(place).resolve.paths(name) ?? [])) {
    try {
      // The library, too, looks for what it needs from where it really is.
      const file = realpathSync(join(folder, name, 'package.json'));
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: string };
      if (version !== undefined) return { file, version };
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
