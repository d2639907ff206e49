import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ProjectCache } from '@aws-sdk/client-codebuild';
import { explain } from 'nx-cdk/aws';
import { type ArchiveEntry, unzip, zipFiles } from './archive.ts';
import { getFile, putFile } from './artifact-store.ts';
import { matchingFiles } from './build-files.ts';
import type { Clients, Session } from './clients.ts';

/**
 * The home folder of the user that CodeBuild runs builds as, whatever machine walks the pipeline: buildspecs name
 * caches of package managers below it (https://docs.aws.amazon.com/codeartifact/latest/ug/dependency-caching.html).
 */
const HOME_IN_CODEBUILD = '/root/';

/** Where the cached files of a build are. */
export interface CacheFolders {
  readonly source: string;
  readonly home: string;
  /** For the archive. */
  readonly scratch: string;
}

/**
 * The S3 cache of a CodeBuild project: downloaded before the build, uploaded after one that succeeded, with the build's
 * role. What goes wrong with it fails no build, there as here
 * (https://docs.aws.amazon.com/codebuild/latest/userguide/caching-s3.html); it is told.
 */
export class BuildCache {
  readonly #bucket: string;
  readonly #key: string;
  readonly #session: Session;
  readonly #clients: Clients;
  readonly #folders: CacheFolders;

  /** @returns undefined where the project has no S3 cache or the buildspec names nothing to cache */
  static of(
    cache: ProjectCache | undefined,
    project: string,
    paths: readonly string[],
    session: Session,
    clients: Clients,
    folders: CacheFolders,
  ): BuildCache | undefined {
    if (cache?.type !== 'S3' || !cache.location || paths.length === 0) return undefined;
    return new BuildCache(cache.location, project, session, clients, folders);
  }

  private constructor(location: string, project: string, session: Session, clients: Clients, folders: CacheFolders) {
    const [bucket = '', ...prefix] = location.replace(/^arn:[^:]+:s3:::/, '').split('/');
    this.#bucket = bucket;
    this.#key = [...prefix.filter((part) => part !== ''), `${project}.zip`].join('/');
    this.#session = session;
    this.#clients = clients;
    this.#folders = folders;
  }

  /** Puts the cached files where they were. @returns what went wrong, in a sentence */
  async restore(): Promise<string | undefined> {
    const { source, home, scratch } = this.#folders;
    const file = join(scratch, 'cache.zip');
    const folder = join(scratch, 'cache');
    try {
      await getFile(await this.#clients.s3(this.#session), this.#bucket, this.#key, file);
      await unzip(file, folder);
      const files = await matchingFiles(folder, ['**/*'], { links: true });
      await moveInto(files, { source, home });
      return undefined;
    } catch (error) {
      // The first build has nothing to download, and without s3:ListBucket S3 says so by a refusal.
      if ((error as Error).name === 'NoSuchKey' || explain(error).denied?.action === 's3:ListBucket') return undefined;
      return `the cache was not downloaded: ${explain(error).message}`;
    } finally {
      await rm(file, { force: true });
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Keeps the files that the paths name. @returns what went wrong, in a sentence */
  async save(paths: readonly string[]): Promise<string | undefined> {
    const { source, home, scratch } = this.#folders;
    const file = join(scratch, 'cache.zip');
    try {
      const inHome = paths.filter(isInHome).map((path) => path.slice(HOME_IN_CODEBUILD.length));
      const inSource = paths.filter((path) => !path.startsWith('/'));
      const entries: ArchiveEntry[] = [
        ...prefixed('source', await matchingFiles(source, inSource, { links: true })),
        ...prefixed('home', await matchingFiles(home, inHome, { links: true })),
      ];
      if (entries.length === 0) return undefined;
      await zipFiles(entries, file, { links: true });
      const target = { bucket: this.#bucket, key: this.#key, file, encryptionKey: undefined };
      await putFile(await this.#clients.s3(this.#session), target);
      return undefined;
    } catch (error) {
      return `the cache was not uploaded: ${explain(error).message}`;
    } finally {
      await rm(file, { force: true });
    }
  }
}

function isInHome(path: string): boolean {
  return path.startsWith(HOME_IN_CODEBUILD);
}

function prefixed(prefix: string, entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  return entries.map(({ name, path }) => ({ name: `${prefix}/${name}`, path }));
}

async function moveInto(files: readonly ArchiveEntry[], roots: Readonly<Record<string, string>>): Promise<void> {
  for (const { name, path } of files) {
    const [root, ...rest] = name.split('/');
    const folder = roots[root ?? ''];
    if (folder === undefined) continue;
    const target = join(folder, ...rest);
    await mkdir(dirname(target), { recursive: true });
    await rename(path, target);
  }
}
