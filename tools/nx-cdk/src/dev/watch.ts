import type { FSWatcher } from 'chokidar';
import { Failure } from '../failure/index.ts';
import type { DevWorkspace } from './contract.ts';

/** Milliseconds without a further edit after which those that came count as one: editors write several files. */
const QUIET = 40;

/** Milliseconds after which edits count even if more keep coming. */
const LONGEST = 400;

/** Collects edits while somebody works on the ones before. */
export class Edits {
  #files = new Set<string>();
  #watcher: FSWatcher | undefined;
  #first = 0;
  #timer: NodeJS.Timeout | undefined;
  #waiting: PromiseWithResolvers<readonly string[]> | undefined;
  #watched = new Set<string>();
  readonly #workspace: DevWorkspace;

  constructor(workspace: DevWorkspace) {
    this.#workspace = workspace;
  }

  /** @param file that counts although it is in none of the folders */
  async start(file: string): Promise<void> {
    const { watch } = await import('chokidar');
    const folders = this.#workspace.folders();
    this.#watched = new Set(folders);
    const ignored = (path: string) => path !== file && !this.#watched.has(path) && this.#workspace.isIgnored(path);
    const watcher = watch([...folders, file], { ignored, ignoreInitial: true, atomic: false });
    this.#watcher = watcher;
    watcher.on('all', (event, path) => {
      if (event !== 'addDir' && event !== 'unlinkDir') this.#add(path);
    });
    await new Promise<void>((resolve, reject) => {
      watcher.once('ready', () => resolve());
      watcher.once('error', (error) => reject(unwatched(error)));
    });
  }

  /** Watches what belongs to the app by now. */
  renew(): void {
    for (const folder of this.#workspace.folders()) {
      if (this.#watched.has(folder)) continue;
      this.#watched.add(folder);
      this.#watcher?.add(folder);
    }
  }

  /** The next files that were edited; rejects at the end of the session. */
  async next(): Promise<readonly string[]> {
    this.#waiting = Promise.withResolvers();
    this.#settle();
    return this.#waiting.promise;
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#watcher?.close();
  }

  #add(path: string): void {
    if (this.#files.size === 0) this.#first = Date.now();
    this.#files.add(path);
    this.#settle();
  }

  #settle(): void {
    if (this.#files.size === 0 || this.#waiting === undefined) return;
    clearTimeout(this.#timer);
    const wait = Math.max(0, Math.min(QUIET, this.#first + LONGEST - Date.now()));
    this.#timer = setTimeout(() => {
      const files = [...this.#files];
      this.#files = new Set();
      this.#waiting?.resolve(files);
      this.#waiting = undefined;
    }, wait);
  }
}

function unwatched(cause: unknown): Failure {
  const { code, message } = cause as NodeJS.ErrnoException;
  const next = code === 'ENOSPC' ? 'raise the limit fs.inotify.max_user_watches of this machine' : 'try again';
  return new Failure('Watch', { what: `The files of the workspace cannot be watched: ${message}`, next }, { cause });
}
