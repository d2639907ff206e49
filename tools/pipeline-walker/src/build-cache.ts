import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { explain } from 'nx-cdk/aws';
import { type ArchiveEntry, unzip, zipFiles } from './archive.ts';
import { getFile, putFile } from './artifacts.ts';
import { matchingFiles } from './build-files.ts';
import type { RunningBuild } from './walk.ts';

/**
 * The home folder of CodeBuild's user. Buildspecs name caches of package managers below it
 * (https://docs.aws.amazon.com/codeartifact/latest/ug/dependency-caching.html); here it means the home of the build.
 */
const HOME_IN_CODEBUILD = '/root/';

/**
 * Downloads the S3 cache of a CodeBuild project, with the role of the build, and puts the files where they were. As on
 * AWS (https://docs.aws.amazon.com/codebuild/latest/userguide/caching-s3.html), a problem fails no build; it is noted.
 */
export async function restoreCache(build: RunningBuild, paths: readonly string[]): Promise<void> {
  const place = placeOf(build, paths);
  if (place === undefined) return;
  const { walk, action, session, folders } = build;
  const [file, folder] = [join(folders.scratch, 'cache.zip'), join(folders.scratch, 'cache')];
  try {
    await getFile(await walk.clients.s3(session), place.bucket, place.key, file);
    await unzip(file, folder);
    for (const root of ['source', 'home'] as const) {
      for (const { name, path } of await matchingFiles(join(folder, root), ['**/*'], { links: true })) {
        const target = join(folders[root], name);
        await mkdir(dirname(target), { recursive: true });
        await rename(path, target);
      }
    }
  } catch (error) {
    // The first build has nothing to download. Without s3:ListBucket, S3 denies that instead.
    const { denied, message } = explain(error);
    if ((error as Error).name === 'NoSuchKey' || denied?.action === 's3:ListBucket') return;
    action.note(`the cache was not downloaded: ${message}`);
  } finally {
    await rm(file, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** Uploads the files that the paths name, after a build that succeeded. A problem is noted. */
export async function saveCache(build: RunningBuild, paths: readonly string[]): Promise<void> {
  const place = placeOf(build, paths);
  if (place === undefined) return;
  const { walk, action, session, folders } = build;
  const file = join(folders.scratch, 'cache.zip');
  try {
    const inHome = paths.filter((path) => path.startsWith(HOME_IN_CODEBUILD));
    const patterns = {
      source: paths.filter((path) => !path.startsWith('/')),
      home: inHome.map((path) => path.slice(HOME_IN_CODEBUILD.length)),
    };
    const entries: ArchiveEntry[] = [];
    for (const root of ['source', 'home'] as const) {
      const files = await matchingFiles(folders[root], patterns[root], { links: true });
      entries.push(...files.map(({ name, path }) => ({ name: `${root}/${name}`, path })));
    }
    if (entries.length === 0) return;
    await zipFiles(entries, file, { links: true });
    await putFile(await walk.clients.s3(session), place.bucket, place.key, file);
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
