import { createHmac, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ProgramEnd, run, type RunOptions, withLock, workspaceLock } from '@nx-cdk/processes';
import { type ImageAsset, type ImageBuild, imageContentDigest, type ImageSource } from '../assembly/index.ts';
import { Failure, type FailureParts } from '../failure/index.ts';
import { maskOf } from './build-secrets.ts';
import { lastLineOf } from './executable.ts';
import { BuildFailure, interrupted } from './failures.ts';

/**
 * Builds an image, unless the tool has it already, and saves it as an archive.
 *
 * @param onLine hears each line of the build's output, without secrets
 * @returns the path of the archive, in `folder`
 * @throws BuildFailure; Failure `NoImageTool`, `Interrupted`
 */
export async function buildImage(
  image: ImageAsset,
  tool: string,
  folder: string,
  { signal, onLine }: Pick<RunOptions, 'signal' | 'onLine'>,
): Promise<string> {
  const options = { signal, env: { ...process.env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1' } };
  const { executable, build } = image.source;
  const name = executable
    ? await nameMadeBy(executable, image, options)
    : await buildOnce(image, build!, tool, { ...options, onLine });
  const archive = join(folder, 'image.tar');
  const save = isBuildah(tool)
    ? ['push', name, `docker-archive:${archive}:${name}:latest`]
    : ['save', '-o', archive, name];
  const saved = await run(tool, save, options);
  if (saved.failure === undefined) return archive;
  const what = `The image ${labelOf(image)} was built, but ${tool} does not hand it out (${saved.failure})`;
  const next = "give the build the output type=docker: it has to be in the tool's own storage";
  throw failed(saved, options, tool, { what, next });
}

async function nameMadeBy(command: readonly string[], image: ImageAsset, options: RunOptions): Promise<string> {
  const cwd = dirname(image.manifestFile);
  const { line, failure } = await lastLineOf(command, 'image name', { ...options, cwd });
  if (failure === undefined) return line;
  if (options.signal?.aborted) throw interrupted();
  const what = `The command ${command[0]} that makes the image ${labelOf(image)} failed (${failure})`;
  throw new BuildFailure({ what, next: `run it in ${cwd} to see why, then publish again` }, []);
}

/**
 * What an image was built from, signed with a secret of the workspace. Its name says nothing, and nor would a digest
 * alone: whoever uses the same tool can give both to any image, as a job of a CI that ran here before.
 */
const CONTENT_LABEL = 'nx-cdk.content';

/**
 * The image gets the name that CDK's own tools give it (`buildDirectoryAsset` in
 * @aws-cdk/cdk-assets-lib/lib/private/handlers/container-images.js). Unlike there, an image of that name is used only
 * if its label says that it was built from the same content: it has the same bytes as before then.
 */
async function buildOnce(
  image: ImageAsset,
  build: ImageBuild,
  tool: string,
  { onLine, ...options }: RunOptions,
): Promise<string> {
  const { signal } = options;
  const name = `cdkasset-${image.assetId.toLowerCase()}`;
  const inspect = isBuildah(tool) ? ['inspect', '--type', 'image', name] : ['inspect', name];
  const content = await contentOf(image.source, build, dirname(image.manifestFile));
  const work = async () => {
    if (content !== undefined && labelIn((await run(tool, inspect, options)).stdout) === content) return;
    const mask = await maskOf(build);
    const hear = (line: string) => void (line !== '' && onLine?.(line));
    const label = content === undefined ? [] : ['--label', `${CONTENT_LABEL}=${content}`];
    const args = ['build', ...buildArguments(build, name), ...label, '.'];
    const built = await run(tool, args, { ...options, cwd: build.directory, mask, onLine: hear });
    if (built.failure === undefined) return;
    const how = `${tool}: ${built.failure}`;
    const what = `Building the image ${labelOf(image)} in ${build.directory} failed (${how})`;
    const next = 'correct what the last lines of its output say, then publish again';
    throw failed(built, options, tool, { what, next });
  };
  // Environments are published by processes of their own: each would build the image, and two builds are two images.
  await withLock(workspaceLock(dirname(image.manifestFile), name), work, signal).catch((error: unknown) => {
    throw signal?.aborted ? interrupted() : error;
  });
  return name;
}

/** Undefined if a build has something that is not in its folder: it is built each time. */
async function contentOf(source: ImageSource, build: ImageBuild, folder: string): Promise<string | undefined> {
  if (build.dockerBuildContexts || build.dockerBuildSecrets || build.dockerBuildSsh) return undefined;
  const content = JSON.stringify([await imageContentDigest(source), { ...build, directory: undefined }]);
  return createHmac('sha256', await secretOf(folder))
    .update(content)
    .digest('hex');
}

/** Made when first asked for, in a folder of this user only. A fresh checkout has another one. */
function secretOf(folder: string): Promise<string> {
  const place = workspaceLock(folder, 'image-labels');
  const file = join(place, 'secret');
  return withLock(place, async () => {
    const known = await readFile(file, 'utf8').catch(() => '');
    if (/^[0-9a-f]{64}$/.test(known)) return known;
    const made = randomBytes(32).toString('hex');
    await writeFile(file, made, { mode: 0o600 });
    return made;
  });
}

/** The label of an image, in what `inspect` tells: a list with docker and podman, buildah has other names. */
function labelIn(told: string): unknown {
  try {
    const [image] = [JSON.parse(told) as unknown].flat() as {
      Config?: { Labels?: Record<string, unknown> };
      OCIv1?: { config?: { Labels?: Record<string, unknown> } };
    }[];
    return (image?.Config?.Labels ?? image?.OCIv1?.config?.Labels)?.[CONTENT_LABEL];
  } catch {
    return undefined;
  }
}

/**
 * The options that CDK's own tools pass, in the same order: `Docker.build` in
 * @aws-cdk/cdk-assets-lib/lib/private/docker.js.
 */
export function buildArguments(build: ImageBuild, name: string): string[] {
  const each = (option: string, values: readonly (string | undefined)[] = []) =>
    values.flatMap((value) => (value ? [option, value] : []));
  return [
    ...each('--build-arg', pairs(build.dockerBuildArgs)),
    ...each('--build-context', pairs(build.dockerBuildContexts)),
    ...Object.entries(build.dockerBuildSecrets ?? {}).flatMap(([id, value]) => ['--secret', `id=${id},${value}`]),
    ...each('--ssh', [build.dockerBuildSsh]),
    ...each('--tag', [name]),
    ...each('--target', [build.dockerBuildTarget]),
    ...each('--file', [build.dockerFile]),
    ...each('--network', [build.networkMode]),
    ...each('--platform', [build.platform]),
    ...(build.dockerOutputs ?? []).map((output) => `--output=${output}`),
    ...each('--cache-from', build.cacheFrom?.map(cache)),
    ...each('--cache-to', build.cacheTo && [cache(build.cacheTo)]),
    ...(build.cacheDisabled ? ['--no-cache'] : []),
  ];
}

function pairs(entries: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(entries).map(([key, value]) => `${key}=${value}`);
}

function cache({ type, params }: NonNullable<ImageBuild['cacheTo']>): string {
  return pairs({ type, ...params }).join(',');
}

function failed({ started, lastLines }: ProgramEnd, { signal }: RunOptions, tool: string, parts: FailureParts) {
  if (signal?.aborted) return interrupted();
  if (started) return new BuildFailure(parts, lastLines);
  const what = `${tool}, which CDK_DOCKER names, is not installed`;
  return new Failure('NoImageTool', { what, next: 'install it, or correct CDK_DOCKER, then publish again' });
}

/** It has no `save`; all others have Docker's commands. */
function isBuildah(tool: string): boolean {
  return /buildah/i.test(basename(tool));
}

function labelOf({ displayName, assetId }: ImageAsset): string {
  return displayName ?? assetId;
}
