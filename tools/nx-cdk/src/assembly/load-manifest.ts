import { VERSION_MISMATCH } from '@aws-cdk/cloud-assembly-schema';
import { Failure } from '../failure/index.ts';

/**
 * Loads and validates a manifest.
 *
 * @param read reads it by the schema
 * @throws Failure `BrokenAssembly` if it is no JSON or not of the schema, `AssemblyTooNew` if its version is newer than
 * this workspace's
 */
export function load<T>(file: string, read: () => T): T {
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

export function brokenAssembly(what: string, cause?: unknown): Failure {
  return new Failure('BrokenAssembly', { what, next: 'synthesize again (nx synth <project>)' }, { cause });
}
