import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IContextStore } from '@aws-cdk/toolkit-lib';
import { Failure } from '../failure/index.ts';

/** File of looked-up values, next to `cdk.json`; meant to be committed. */
export const CONTEXT_FILE = 'cdk.context.json';

type Context = Readonly<Record<string, unknown>>;

/**
 * The context of an app: what the caller gives, then `cdk.json`, then `cdk.context.json`, in this order of precedence.
 * Unlike the CDK CLI it does not read `~/.cdk.json`: an assembly must not depend on who synthesizes it.
 */
export class AppContext implements IContextStore {
  /** Absolute path of `cdk.context.json`. */
  readonly file: string;
  readonly #fixed: Context;
  readonly #again: ReadonlySet<string> | undefined;
  #onDisk: Context = {};
  #stored: Context | undefined;
  /** Values a provider marks as not to be kept, such as an error of this very run. */
  readonly #transient: Record<string, unknown> = {};

  /**
   * @param projectRoot folder of `cdk.json` and `cdk.context.json`
   * @param fixed what nothing looked up can change: the caller's context over that of `cdk.json`
   * @param again keys of stored values to look up again; all values are then written by `save`, at the end.
   * @default - none, and each value is written as soon as it is found
   */
  constructor(projectRoot: string, fixed: Context, again?: ReadonlySet<string>) {
    this.file = join(projectRoot, CONTEXT_FILE);
    this.#fixed = fixed;
    this.#again = again;
  }

  /** @throws Failure `Context` if `cdk.context.json` is no JSON */
  async read(): Promise<Record<string, unknown>> {
    return { ...(await this.stored()), ...this.#transient, ...this.#fixed };
  }

  /**
   * The values to keep, as they are by now.
   *
   * @throws Failure `Context` if `cdk.context.json` is no JSON
   */
  async stored(): Promise<Context> {
    if (this.#stored !== undefined) return this.#stored;
    this.#onDisk = existsSync(this.file) ? await this.#load() : {};
    this.#stored = Object.fromEntries(Object.entries(this.#onDisk).filter(([key]) => !this.#again?.has(key)));
    return this.#stored;
  }

  /** The values that could not be looked up in this run: keys and what went wrong. */
  get errors(): ReadonlyMap<string, string> {
    return new Map(
      Object.entries(this.#transient).flatMap(([key, value]) => {
        const error = (value as { $providerError?: unknown }).$providerError;
        return typeof error === 'string' ? [[key, error]] : [];
      }),
    );
  }

  async #load(): Promise<Context> {
    try {
      return JSON.parse(await readFile(this.file, 'utf8')) as Context;
    } catch (cause) {
      const what = `${this.file} is no valid JSON: ${(cause as Error).message}`;
      const next = 'correct it, or delete it to look its values up again';
      throw new Failure('Context', { what, next }, { cause });
    }
  }

  async update(updates: Record<string, unknown>): Promise<void> {
    const stored: Record<string, unknown> = { ...(await this.stored()) };
    for (const [key, value] of Object.entries(updates)) {
      if (value === undefined) delete stored[key];
      else if (isTransient(value)) this.#transient[key] = value;
      else stored[key] = value;
    }
    this.#stored = stored;
    if (this.#again === undefined) await this.save();
  }

  /**
   * Writes the values to keep, in the CDK's own format but sorted, so that the file does not depend on who looked up
   * what first. A file that holds them already is left as it is.
   */
  async save(): Promise<void> {
    const stored = await this.stored();
    const text = format(stored);
    if (text === format(this.#onDisk)) return;
    // All of it or nothing: half a file would be no JSON.
    await writeFile(`${this.file}.new`, text);
    await rename(`${this.file}.new`, this.file);
    this.#onDisk = stored;
  }
}

function format(context: Context): string {
  const sorted = Object.entries(context).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
}

/** `TRANSIENT_CONTEXT_KEY` of toolkit-lib's context store, which does not export it. */
function isTransient(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '$dontSaveContext' in value;
}
