import { dirname, join } from 'node:path';
import { type ProgramEnd, run as runProgram, type RunOptions, withLock, workspaceLock } from '@libs/processes';
import type { CacheOption, ImageAsset, ImageBuild } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import { maskOf } from './build-secrets.ts';
import type { ImageTool } from './image-tool.ts';

/** An image could not be built; `lines` are the last of the build's output, without secrets. */
export class BuildFailure extends Failure {
  readonly lines: readonly string[];

  constructor(message: string, lines: readonly string[]) {
    super('ImageBuildFailed', message);
    this.lines = lines;
  }
}

export interface BuildRun {
  readonly signal?: AbortSignal;
  /** Hears each line of the build's output, without secrets. */
  readonly onLine?: (line: string) => void;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Builds an image, unless the tool has it already, and saves it as an archive.
 *
 * The image gets the name that CDK's own tools give it (`buildDirectoryAsset` in
 * @aws-cdk/cdk-assets-lib/lib/private/handlers/container-images.js), and, as there, one of that name is taken as it is:
 * it was built from the same sources, and using it again is what keeps the bytes the same.
 *
 * @returns the path of the archive, in `folder`
 * @throws BuildFailure, or Failure `Interrupted`
 */
export async function buildImage(image: ImageAsset, tool: ImageTool, folder: string, run: BuildRun): Promise<string> {
  const { build, executable } = image.source;
  const env = { ...process.env, ...run.environment, BUILDX_NO_DEFAULT_ATTESTATIONS: '1' };
  const common: RunOptions = { env, signal: run.signal };
  const label = image.displayName ?? image.assetId;
  let name = `cdkasset-${image.assetId.toLowerCase()}`;
  if (executable !== undefined) {
    // Its output is not shown, as that of executable file sources: whoever wrote the command did not write it for a
    // log.
    const [program, ...args] = executable;
    const directory = dirname(image.manifestFile);
    const result = await runProgram(program!, args, { ...common, cwd: directory });
    name = result.stdout.trim().split('\n').at(-1)!.trim();
    if (result.failure !== undefined || name === '')
      throw failed(
        run,
        result.failure ?? 'it wrote no image name to its output',
        [],
        (how) =>
          `The command ${program} that makes the image ${label} failed (${how}): run it in ${directory} to see why, then publish again.`,
      );
  } else if (build !== undefined) {
    const buildOnce = async () => {
      if (await has(tool, name, common)) return;
      const mask = await maskOf(build, env);
      const result = await runProgram(tool.program, ['build', ...buildArguments(build, name), '.'], {
        ...common,
        cwd: build.directory,
        mask,
        onLine: (line) => line !== '' && run.onLine?.(line),
      });
      refuse(
        result,
        run,
        tool,
        (how) =>
          `Building the image ${label} in ${build.directory} failed (${tool.program}: ${how}): correct what the last lines of its output say, then publish again.`,
      );
    };
    // Environments are published by processes of their own: each would build the image, and two builds are two images.
    await withLock(workspaceLock(dirname(image.manifestFile), name), buildOnce, run.signal).catch((error: unknown) => {
      throw run.signal?.reason === error ? failed(run, 'interrupted', [], String) : error;
    });
  }
  const archive = join(folder, 'image.tar');
  const save =
    tool.dialect === 'buildah'
      ? ['push', name, `docker-archive:${archive}:${name}:latest`]
      : ['save', '-o', archive, name];
  refuse(
    await runProgram(tool.program, save, common),
    run,
    tool,
    (how) =>
      `The image ${label} was built, but ${tool.program} does not hand it out (${how}): a build whose output is not in the tool's own storage needs the output type=docker.`,
  );
  return archive;
}

async function has(tool: ImageTool, name: string, run: RunOptions): Promise<boolean> {
  const inspect = tool.dialect === 'buildah' ? ['inspect', '--type', 'image', name] : ['inspect', name];
  return (await runProgram(tool.program, inspect, run)).failure === undefined;
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
    ...each('--build-arg', build.buildArgs),
    ...each('--build-context', build.buildContexts),
    ...each('--secret', build.secrets, (id, value) => `id=${id},${value}`),
    ...maybe('--ssh', build.ssh),
    '--tag',
    name,
    ...maybe('--target', build.target),
    ...maybe('--file', build.file),
    ...maybe('--network', build.network),
    ...maybe('--platform', build.platform),
    ...(build.outputs ?? []).map((output) => `--output=${output}`),
    ...(build.cacheFrom ?? []).flatMap((option) => ['--cache-from', cache(option)]),
    ...(build.cacheTo ? ['--cache-to', cache(build.cacheTo)] : []),
    ...(build.noCache ? ['--no-cache'] : []),
  ];
}

const pair = (key: string, value: string): string => `${key}=${value}`;

function cache({ type, params }: CacheOption): string {
  return [`type=${type}`, ...Object.entries(params ?? {}).map(([key, value]) => pair(key, value))].join(',');
}

function refuse(result: ProgramEnd, run: BuildRun, tool: ImageTool, sentence: (how: string) => string): void {
  if (result.failure === undefined) return;
  if (!result.started && !run.signal?.aborted)
    throw new Failure(
      'NoImageTool',
      `${tool.program}, which CDK_DOCKER names, is not installed: install it, or correct CDK_DOCKER, then publish again.`,
    );
  throw failed(run, result.failure, result.lastLines, sentence);
}

function failed(run: BuildRun, how: string, lines: readonly string[], sentence: (how: string) => string): Failure {
  if (run.signal?.aborted) return new Failure('Interrupted', 'Interrupted: publish again to go on.');
  return new BuildFailure(sentence(how), lines);
}
