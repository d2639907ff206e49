import { dirname, join } from 'node:path';
import { type ProgramEnd, run, type RunOptions, withLock, workspaceLock } from '@libs/processes';
import type { ImageAsset, ImageBuild } from '../assembly/index.ts';
import { Failure, type FailureParts } from '../failure/index.ts';
import { maskOf } from './build-secrets.ts';
import { BuildFailure, interrupted } from './failures.ts';
import type { ImageTool } from './image-tool.ts';

export interface BuildOptions {
  readonly signal?: AbortSignal;
  /** Hears each line of the build's output, without secrets. */
  readonly onLine?: (line: string) => void;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Builds an image, unless the tool has it already, and saves it as an archive.
 *
 * @returns the path of the archive, in `folder`
 * @throws BuildFailure; Failure `NoImageTool`, `Interrupted`
 */
export async function buildImage(
  image: ImageAsset,
  tool: ImageTool,
  folder: string,
  options: BuildOptions,
): Promise<string> {
  const env = { ...process.env, ...options.environment, BUILDX_NO_DEFAULT_ATTESTATIONS: '1' };
  const program: RunOptions = { env, signal: options.signal };
  const { executable, build } = image.source;
  const name = executable
    ? await nameMadeBy(executable, image, program)
    : await buildOnce(image, build!, tool, { ...program, env, onLine: options.onLine });
  const archive = join(folder, 'image.tar');
  const save =
    tool.dialect === 'buildah'
      ? ['push', name, `docker-archive:${archive}:${name}:latest`]
      : ['save', '-o', archive, name];
  const saved = await run(tool.program, save, program);
  if (saved.failure === undefined) return archive;
  const what = `The image ${labelOf(image)} was built, but ${tool.program} does not hand it out (${saved.failure})`;
  const next = "give the build the output type=docker: it has to be in the tool's own storage";
  throw failed(saved, program, tool, { what, next });
}

/** Its output is not shown, like that of executable file sources: it was not written for a log. */
async function nameMadeBy(command: readonly string[], image: ImageAsset, options: RunOptions): Promise<string> {
  const [program, ...args] = command;
  const cwd = dirname(image.manifestFile);
  const { stdout, failure } = await run(program!, args, { ...options, cwd });
  const name = stdout.trim().split('\n').at(-1)!.trim();
  if (failure === undefined && name !== '') return name;
  if (options.signal?.aborted) throw interrupted();
  const how = failure ?? 'it wrote no image name to its output';
  const what = `The command ${program} that makes the image ${labelOf(image)} failed (${how})`;
  throw new BuildFailure({ what, next: `run it in ${cwd} to see why, then publish again` }, []);
}

/**
 * The image gets the name that CDK's own tools give it (`buildDirectoryAsset` in
 * @aws-cdk/cdk-assets-lib/lib/private/handlers/container-images.js), and, as there, one of that name is taken as it is:
 * it was built from the same sources, and using it again is what keeps the bytes the same.
 */
async function buildOnce(
  image: ImageAsset,
  build: ImageBuild,
  tool: ImageTool,
  { onLine, env, signal }: RunOptions & { readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  const name = `cdkasset-${image.assetId.toLowerCase()}`;
  const inspect = tool.dialect === 'buildah' ? ['inspect', '--type', 'image', name] : ['inspect', name];
  const work = async () => {
    if ((await run(tool.program, inspect, { env, signal })).failure === undefined) return;
    const mask = await maskOf(build, env);
    const hear = (line: string) => void (line !== '' && onLine?.(line));
    const args = ['build', ...buildArguments(build, name), '.'];
    const built = await run(tool.program, args, { env, signal, cwd: build.directory, mask, onLine: hear });
    if (built.failure === undefined) return;
    const how = `${tool.program}: ${built.failure}`;
    const what = `Building the image ${labelOf(image)} in ${build.directory} failed (${how})`;
    const next = 'correct what the last lines of its output say, then publish again';
    throw failed(built, { signal }, tool, { what, next });
  };
  // Environments are published by processes of their own: each would build the image, and two builds are two images.
  await withLock(workspaceLock(dirname(image.manifestFile), name), work, signal).catch((error: unknown) => {
    throw signal?.aborted ? interrupted() : error;
  });
  return name;
}

/**
 * The options that CDK's own tools pass, in the same order: `Docker.build` in
 * @aws-cdk/cdk-assets-lib/lib/private/docker.js.
 */
export function buildArguments(build: ImageBuild, name: string): string[] {
  const each = (option: string, entries: Readonly<Record<string, string>> | undefined, text = pair) =>
    Object.entries(entries ?? {}).flatMap(([key, value]) => [option, text(key, value)]);
  const maybe = (option: string, value: string | undefined) => (value ? [option, value] : []);
  return [
    ...each('--build-arg', build.dockerBuildArgs),
    ...each('--build-context', build.dockerBuildContexts),
    ...each('--secret', build.dockerBuildSecrets, (id, value) => `id=${id},${value}`),
    ...maybe('--ssh', build.dockerBuildSsh),
    '--tag',
    name,
    ...maybe('--target', build.dockerBuildTarget),
    ...maybe('--file', build.dockerFile),
    ...maybe('--network', build.networkMode),
    ...maybe('--platform', build.platform),
    ...(build.dockerOutputs ?? []).map((output) => `--output=${output}`),
    ...(build.cacheFrom ?? []).flatMap((option) => ['--cache-from', cache(option)]),
    ...(build.cacheTo ? ['--cache-to', cache(build.cacheTo)] : []),
    ...(build.cacheDisabled ? ['--no-cache'] : []),
  ];
}

const pair = (key: string, value: string): string => `${key}=${value}`;

function cache({ type, params }: NonNullable<ImageBuild['cacheTo']>): string {
  return [`type=${type}`, ...Object.entries(params ?? {}).map(([key, value]) => pair(key, value))].join(',');
}

function failed(
  { started, lastLines }: ProgramEnd,
  { signal }: RunOptions,
  { program }: ImageTool,
  parts: FailureParts,
): Failure {
  if (signal?.aborted) return interrupted();
  if (started) return new BuildFailure(parts, lastLines);
  const what = `${program}, which CDK_DOCKER names, is not installed`;
  return new Failure('NoImageTool', { what, next: 'install it, or correct CDK_DOCKER, then publish again' });
}

function labelOf({ displayName, assetId }: ImageAsset): string {
  return displayName ?? assetId;
}
