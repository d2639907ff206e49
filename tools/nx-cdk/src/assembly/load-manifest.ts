import { join } from 'node:path';
import { type AssemblyManifest, type AssetManifest, Manifest, VERSION_MISMATCH } from '@aws-cdk/cloud-assembly-schema';
import { Failure } from '../failure/index.ts';

/**
 * Loads and validates a `manifest.json`.
 *
 * @throws Failure `BrokenAssembly` where it is no JSON or not of the schema, `AssemblyTooNew` where its version is
 * newer than this tool's
 */
export function loadManifest(directory: string): AssemblyManifest {
  const file = join(directory, 'manifest.json');
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

function load<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw new Failure(
        'BrokenAssembly',
        `${file} is missing, although the assembly names it: synthesize again (nx synth <project>).`,
        { cause },
      );
    }
    if (message.startsWith(VERSION_MISMATCH)) {
      throw new Failure(
        'AssemblyTooNew',
        `${file} is of a newer cloud assembly version than this workspace reads: update @aws-cdk/cloud-assembly-schema (${message}).`,
        { cause },
      );
    }
    throw new Failure(
      'BrokenAssembly',
      `${file} cannot be understood: ${firstLine(message)}; synthesize again (nx synth <project>).`,
      { cause },
    );
  }
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? text).replace(/[.;\s]+$/, '');
}
