import { Failure } from '../failure/index.ts';
import { readDataSync } from './data-file.ts';
import { requireKnownFields } from './known-schema.ts';

/** What a field has to be. */
type Kind = 'text' | 'texts' | 'number' | 'flag' | 'object';

const IS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  texts: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  number: (value) => typeof value === 'number',
  flag: (value) => typeof value === 'boolean',
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** The fields that are read of something, and what each has to be if it is there. */
export type Shape = Readonly<Record<string, Kind>>;

/**
 * Reads a manifest. Its version and its own fields are checked here, what is read of it by `requireShape`: the CDK's
 * own reader checks neither sizes nor, outside of its own tests, shapes.
 *
 * @throws Failure `BrokenAssembly` if it is no manifest, `AssemblyTooNew` if it holds what is not known here
 */
export function loadManifest<T extends { readonly version: string }>(file: string, shape: Shape): T {
  let content: unknown;
  try {
    content = JSON.parse(readDataSync(file).toString());
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw brokenAssembly(`${file} is missing, although the assembly names it`, cause);
    throw brokenAssembly(`${file} cannot be understood: ${message.split('\n')[0]!.replace(/[.;\s]+$/, '')}`, cause);
  }
  requireShape(file, 'the manifest', content, { version: 'text', ...shape });
  const { version = '' } = content as { version?: string };
  if (!/^\d+\.\d+\.\d+/.test(version))
    throw brokenAssembly(`${file} cannot be understood: its version is "${version}"`);
  requireKnownFields({ file, version }, 'manifest', 'the manifest', content as object);
  return content as T;
}

/**
 * @param what of the file this is, as the subject of a sentence
 * @throws Failure `BrokenAssembly` if it is no object, or a field is not what it has to be
 */
export function requireShape(file: string, what: string, value: unknown, shape: Shape): void {
  if (!IS.object(value)) throw brokenAssembly(`${file} cannot be understood: ${what} is no object`);
  const content = value as Record<string, unknown>;
  for (const [name, kind] of Object.entries(shape)) {
    // Programs in other languages write null for what is not set.
    const field = Object.hasOwn(content, name) ? content[name] : undefined;
    if (field === undefined || field === null || IS[kind](field)) continue;
    throw brokenAssembly(`${file} cannot be understood: ${name} of ${what} is not ${NAMES[kind]}`);
  }
}

const NAMES: Readonly<Record<Kind, string>> = {
  text: 'a text',
  texts: 'a list of texts',
  number: 'a number',
  flag: 'true or false',
  object: 'an object',
};

export function brokenAssembly(what: string, cause?: unknown): Failure {
  return new Failure('BrokenAssembly', { what, next: 'synthesize again (nx synth <project>)' }, { cause });
}
