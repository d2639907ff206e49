import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'jsonc-parser';
import { isFile, type ProgramRead } from './program-reads.ts';

/** What of a configuration decides where modules are looked for. */
export interface TypeScriptConfiguration {
  readonly extends?: unknown;
  readonly references?: readonly { readonly path?: unknown }[];
  readonly compilerOptions?: { readonly baseUrl?: unknown; readonly paths?: Readonly<Record<string, unknown>> };
}

/** The configurations of TypeScript that a compiler reads: files, and places where it looks for one. */
export class TypeScriptConfigurations {
  readonly #reads = new Map<string, ProgramRead>();
  readonly #contents = new Map<string, TypeScriptConfiguration>();

  get reads(): ProgramRead[] {
    return [...this.#reads.values()];
  }

  /** Those that were read, by their files. */
  get contents(): ReadonlyMap<string, TypeScriptConfiguration> {
    return this.#contents;
  }

  /** The first on the way up; those that are not there are noted too. */
  nearest(cwd: string): string | undefined {
    for (let folder = cwd; ; folder = dirname(folder)) {
      const file = join(folder, 'tsconfig.json');
      if (isFile(file)) return file;
      this.#reads.set(file, ['s', file]);
      if (folder === dirname(folder)) return undefined;
    }
  }

  /** Reads one with all that it extends and refers to. @returns whether all of it is known */
  read(file: string): boolean {
    if (this.#reads.has(file)) return this.#contents.has(file);
    this.#reads.set(file, ['f', file]);
    if (!isFile(file)) return false;
    const content = (parse(readFileSync(file, 'utf8'), [], { allowTrailingComma: true }) ??
      {}) as TypeScriptConfiguration;
    this.#contents.set(file, content);
    const named = [content.extends ?? []].flat().map((name) => extended(String(name), file));
    const referred = (content.references ?? []).map(({ path }) => configurationFile(resolve(dirname(file), `${path}`)));
    return [...named, ...referred].every((other) => other !== undefined && this.read(other));
  }
}

/** The file of a configuration that is named by its file or by its folder. */
export function configurationFile(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, 'tsconfig.json') : path;
}

/** The file that `extends` names: a path, or one in a package. */
function extended(name: string, from: string): string | undefined {
  if (/^(\.\.?)?\//.test(name)) {
    const path = resolve(dirname(from), name);
    return [path, `${path}.json`].find(isFile);
  }
  const found = [name, `${name}.json`, `${name}/tsconfig.json`].map((path) => {
    try {
      return createRequire(from).resolve(path);
    } catch {
      return undefined;
    }
  });
  return found.find((path) => path?.endsWith('.json'));
}
