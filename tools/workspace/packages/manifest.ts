/** A package.json, as far as this folder reads it. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly main?: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly [field: string]: unknown;
}

/** An entry of `exports` for a module: where its types are, and where its code is. */
interface Module {
  readonly types: string;
  readonly default: string;
}

/** What only this repository needs. */
const OURS = ['scripts', 'nx', 'devDependencies', 'files'];

/**
 * The package.json that is published, made from the one in the repository: it names compiled files, and nothing that
 * only this repository needs. Internal dependencies keep the version of this repository; `nx release` sets it.
 *
 * An export with a wildcard is not published: it lets the tests of this repository see the inside of a package.
 *
 * @param files the entries of `files`: what is in the package
 */
export function publishedManifest(source: Manifest, files: readonly string[]): Manifest {
  const { main, bin, exports } = source;
  const kept = Object.entries(source).filter(([field]) => !OURS.includes(field));
  return {
    ...Object.fromEntries(kept),
    name: source.name,
    version: source.version,
    ...(main === undefined ? {} : { main: compiled(main), types: declaration(main) }),
    ...(bin === undefined ? {} : { bin: mapValues(bin, compiled) }),
    ...(exports === undefined ? {} : { exports: publishedExports(exports) as Manifest['exports'] }),
    files,
  };
}

function publishedExports(exports: Readonly<Record<string, string>>): Record<string, string | Module> {
  const published = Object.entries(exports).filter(([name]) => !name.includes('*'));
  return mapValues(Object.fromEntries(published), (file) =>
    isSource(file) ? { types: declaration(file), default: compiled(file) } : file,
  );
}

/**
 * The same JSON with the names of compiled files: for `executors.json`, `generators.json` and `migrations.json`, which
 * name a module as `./src/executor.ts`, or with what it exports, as `./src/executor.ts#name`.
 */
export function withCompiledNames(json: unknown): unknown {
  if (typeof json === 'string') return json.startsWith('./') ? json.replace(/\.ts(?=#|$)/, '.js') : json;
  if (Array.isArray(json)) return json.map(withCompiledNames);
  if (typeof json === 'object' && json !== null) return mapValues(json as Record<string, unknown>, withCompiledNames);
  return json;
}

/** Whether a file is TypeScript with code in it. */
export function isSource(file: string): boolean {
  return file.endsWith('.ts') && !file.endsWith('.d.ts');
}

function compiled(file: string): string {
  return file.replace(/\.ts$/, '.js');
}

function declaration(file: string): string {
  return file.replace(/\.ts$/, '.d.ts');
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
