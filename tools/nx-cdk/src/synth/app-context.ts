import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IContextStore } from '@aws-cdk/toolkit-lib';
import { Failure } from '../failure/failure.ts';

/** File that looked-up values are kept in, beside `cdk.json`; it is meant to be committed. */
const CONTEXT_FILE = 'cdk.context.json';

/**
 * The context of an app: what the caller gives, then `cdk.json`, then `cdk.context.json`, in this order of precedence. Unlike the CDK CLI it does not
 * read `~/.cdk.json`: an assembly must not depend on who synthesizes it.
 */
export class AppContext implements IContextStore {
  readonly #file: string;
  readonly #fixed: Readonly<Record<string, unknown>>;
  #stored: Record<string, unknown> | undefined;
  /** Values a provider marks as not to be kept, such as an error of this very run. */
  readonly #transient: Record<string, unknown> = {};

  /**
   * @param projectRoot folder of `cdk.json` and `cdk.context.json`
   * @param fixed what nothing looked up can change: the caller's context over that of `cdk.json`
   */
  constructor(projectRoot: string, fixed: Readonly<Record<string, unknown>>) {
    this.#file = join(projectRoot, CONTEXT_FILE);
    this.#fixed = fixed;
  }

  /** @throws Failure `Context` where `cdk.context.json` is no JSON */
  async read(): Promise<Record<string, unknown>> {
    this.#stored ??= existsSync(this.#file) ? await this.#load() : {};
    return { ...this.#stored, ...this.#transient, ...this.#fixed };
  }

  async #load(): Promise<Record<string, unknown>> {
    try {
      return JSON.parse(await readFile(this.#file, 'utf8')) as Record<string, unknown>;
    } catch (cause) {
      throw new Failure(
        'Context',
        `${this.#file} is no valid JSON: ${(cause as Error).message}; correct it, or delete it to look its values up again.`,
        { cause },
      );
    }
  }

  async update(updates: Record<string, unknown>): Promise<void> {
    await this.read();
    const stored = { ...this.#stored };
    for (const [key, value] of Object.entries(updates)) {
      if (value === undefined) delete stored[key];
      else if (isTransient(value)) this.#transient[key] = value;
      else stored[key] = value;
    }
    if (JSON.stringify(stored) === JSON.stringify(this.#stored)) return;
    this.#stored = stored;
    await writeFile(this.#file, `${JSON.stringify(stored, null, 2)}\n`);
  }
}

/** `TRANSIENT_CONTEXT_KEY` of toolkit-lib's context store, which does not export it. */
function isTransient(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '$dontSaveContext' in value;
}
