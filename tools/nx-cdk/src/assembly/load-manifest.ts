import { type AssemblyManifest, type AssetManifest, Manifest, VERSION_MISMATCH } from '@aws-cdk/cloud-assembly-schema';
import { Failure } from '../failure/index.ts';

/**
 * Loads and validates a `manifest.json`.
 *
 * @throws Failure `BrokenAssembly` if it is no JSON or not of the schema, `AssemblyTooNew` if its version is newer than
 * this workspace's
 */
export function loadManifest(file: string): AssemblyManifest {
  return load(file, () => Manifest.loadAssemblyManifest(file, { skipEnumCheck: true }));
}

/**
 * Loads and validates an asset manifest.
 *
 * @throws Failure as `loadManifest` does
 */
export function loadAssetManifest(file: string): AssetManifest {
  return load(file, () => Manifest.loadAssetManifest(file));
}

export function brokenAssembly(what: string, cause?: unknown): Failure {
  return new Failure('BrokenAssembly', { what, next: 'synthesize again (nx synth <project>)' }, { cause });
}

function load<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw brokenAssembly(`${file} is missing, although the assembly names it`, cause);
    if (!message.startsWith(VERSION_MISMATCH))
      throw brokenAssembly(`${file} cannot be understood: ${message.split('\n')[0]!.replace(/[.;\s]+$/, '')}`, cause);
    const what = `${file} is of a newer cloud assembly version than this workspace reads (${message})`;
    throw new Failure('AssemblyTooNew', { what, next: 'update @aws-cdk/cloud-assembly-schema' }, { cause });
  }
}
