import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Something that has to be let go of. */
type Holding = AsyncDisposable | Disposable | undefined;

/**
 * What somebody holds for now: disposed of together, the last one first. `AsyncDisposableStack` does more, but is not
 * in Node 22.
 */
export class Holdings implements AsyncDisposable {
  #held: Exclude<Holding, undefined>[] = [];

  /** Holds something from now on, and returns it. */
  use<T extends Holding>(holding: T): T {
    if (holding !== undefined) this.#held.push(holding);
    return holding;
  }

  /** Hands all of it over to somebody else, who has to dispose of it. */
  move(): Holdings {
    const moved = new Holdings();
    [moved.#held, this.#held] = [this.#held, []];
    return moved;
  }

  /** Lets go of all of it, also if one of it fails. @throws the first error */
  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = [];
    for (let one = this.#held.pop(); one !== undefined; one = this.#held.pop()) {
      try {
        await (Symbol.asyncDispose in one ? one[Symbol.asyncDispose]() : one[Symbol.dispose]());
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/** A folder that only this user can reach, until it is disposed of. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes a folder for temporary files. @param prefix what its name begins with */
export async function temporaryFolder(prefix: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
