import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { explain } from 'nx-cdk/aws';
import { type ArchiveEntry, unzip, zipFiles } from './archive.ts';
import { getFile, putFile } from './artifact-store.ts';
import { matchingFiles } from './build-files.ts';
import type { RunningBuild } from './walk.ts';

/**
 * The home folder of the user that CodeBuild runs builds as, whatever machine walks the pipeline: buildspecs name
 * caches of package managers below it (https://docs.aws.amazon.com/codeartifact/latest/ug/dependency-caching.html).
 */
const HOME_IN_CODEBUILD = '/root/';

/**
 * Downloads the S3 cache of a CodeBuild project, with the role of the build, and puts the files where they were. What
 * goes wrong fails no build, as on AWS (https://docs.aws.amazon.com/codebuild/latest/userguide/caching-s3.html); it is
 * noted.
 */
export async function restoreCache(build: RunningBuild, paths: readonly string[]): Promise<void> {
  const place = placeOf(build, paths);
  if (place === undefined) return;
  const { walk, action, session, folders } = build;
  const file = join(folders.scratch, 'cache.zip');
  const folder = join(folders.scratch, 'cache');
  try {
    await getFile(await walk.clients.s3(session), place.bucket, place.key, file);
    await unzip(file, folder);
    await moveInto(await matchingFiles(folder, ['**/*'], { links: true }), { ...folders });
  } catch (error) {
    // The first build has nothing to download, and without s3:ListBucket S3 says so by a refusal.
    const { denied, message } = explain(error);
    if ((error as Error).name === 'NoSuchKey' || denied?.action === 's3:ListBucket') return;
    action.note(`the cache was not downloaded: ${message}`);
  } finally {
    await rm(file, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** Uploads the files that the paths name, after a build that succeeded. What goes wrong is noted. */
export async function saveCache(build: RunningBuild, paths: readonly string[]): Promise<void> {
  const place = placeOf(build, paths);
  if (place === undefined) return;
  const { walk, action, session, folders } = build;
  const file = join(folders.scratch, 'cache.zip');
  try {
    const inHome = paths
      .filter((path) => path.startsWith(HOME_IN_CODEBUILD))
      .map((path) => path.slice(HOME_IN_CODEBUILD.length));
    const inSource = paths.filter((path) => !path.startsWith('/'));
    const entries: ArchiveEntry[] = [
      ...prefixed('source', await matchingFiles(folders.source, inSource, { links: true })),
      ...prefixed('home', await matchingFiles(folders.home, inHome, { links: true })),
    ];
    if (entries.length === 0) return;
    await zipFiles(entries, file, { links: true });
    await putFile(await walk.clients.s3(session), { ...place, file, encryptionKey: undefined });
  } catch (error) {
    action.note(`the cache was not uploaded: ${explain(error).message}`);
  } finally {
    await rm(file, { force: true });
  }
}

/** Where the cache is; undefined if the project has no S3 cache, or its buildspec names nothing to cache. */
function placeOf({ project }: RunningBuild, paths: readonly string[]): { bucket: string; key: string } | undefined {
  const { type, location } = project.cache ?? {};
  if (type !== 'S3' || !location || paths.length === 0) return undefined;
  const [bucket = '', ...prefix] = location.replace(/^arn:[^:]+:s3:::/, '').split('/');
  return { bucket, key: [...prefix.filter((part) => part !== ''), `${project.name}.zip`].join('/') };
}

function prefixed(prefix: string, entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  return entries.map(({ name, path }) => ({ name: `${prefix}/${name}`, path }));
}

async function moveInto(files: readonly ArchiveEntry[], roots: Readonly<Record<string, string>>): Promise<void> {
  for (const { name, path } of files) {
    const [root = '', ...rest] = name.split('/');
    if (root !== 'source' && root !== 'home') continue;
    const target = join(roots[root]!, ...rest);
    await mkdir(dirname(target), { recursive: true });
    await rename(path, target);
  }
}
