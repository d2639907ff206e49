import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKOUT } from 'test-bed';

/** A package.json, as far as these tests read it. */
export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly repository?: { readonly url: string; readonly directory: string };
  readonly [field: string]: unknown;
}

/** A package as `nx run-many -t package` built it. */
export interface BuiltPackage {
  /** Absolute. */
  readonly folder: string;
  readonly manifest: PackageManifest;
}

/** All packages that there are, by name. The Nx target that runs these tests has built them. */
export async function builtPackages(): Promise<BuiltPackage[]> {
  const parent = join(CHECKOUT, 'dist', 'packages');
  const folders = (await readdir(parent)).sort().map((name) => join(parent, name));
  return Promise.all(
    folders.map(async (folder) => ({
      folder,
      manifest: JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as PackageManifest,
    })),
  );
}
