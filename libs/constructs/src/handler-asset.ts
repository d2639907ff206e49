import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Architecture, Code, type FunctionProps, Handler, Runtime } from 'aws-cdk-lib/aws-lambda';

const RUNTIMES = {
  'nodejs24.x': Runtime.NODEJS_24_X,
  'provided.al2023': Runtime.PROVIDED_AL2023,
  image: Runtime.FROM_IMAGE,
} as const;

/** CDK's words for each architecture, and its number in the header of a program (`e_machine` of ELF). */
const ARCHITECTURES = {
  arm64: { architecture: Architecture.ARM_64, platform: Platform.LINUX_ARM64, machine: 0xb7 },
  x86_64: { architecture: Architecture.X86_64, platform: Platform.LINUX_AMD64, machine: 0x3e },
} as const;

/**
 * What a handler library exports about itself. A handler imports nothing from here, so that an edit of a construct does
 * not rebuild it.
 *
 * @template Variable names of the environment variables that the handler reads
 */
export interface HandlerAsset<Variable extends string = string> {
  /** Name of the Nx project that builds it. */
  readonly project: string;
  /** Absolute path of the folder with the compiled code; for an image, also the Dockerfile. */
  readonly code: string;
  /**
   * What runs it: Node for JavaScript, the bare operating system for a program that is compiled for it, or the
   * container image that the folder becomes.
   */
  readonly runtime: keyof typeof RUNTIMES;
  /** What it is compiled for and runs on. */
  readonly architecture: keyof typeof ARCHITECTURES;
  /**
   * File and function, for example `index.handler`; for a compiled program its file, which Lambda wants to be called
   * `bootstrap` if it is no image.
   */
  readonly handler: string;
  /** Environment variables that the handler reads. */
  readonly environment: readonly Variable[];
}

/** A handler is not compiled, or not for the right architecture. */
export class UnbuiltHandlerError extends Error {
  override readonly name = 'UnbuiltHandlerError';
}

/**
 * Why the build of a handler left it out: outside of a CI, it does so if its compiler, or a tool that builds its image,
 * is missing. The stack that deploys the handler decides what that means.
 *
 * @returns a sentence; undefined if the handler is there or was not built
 */
export function leftOut(asset: HandlerAsset): string | undefined {
  const marker = join(asset.code, 'left-out.txt');
  return existsSync(marker) ? readFileSync(marker, 'utf8').trim() : undefined;
}

/**
 * What a function is made of.
 *
 * @throws UnbuiltHandlerError naming the folder and the command that fills it. CDK would only say that an asset is
 *   missing, and would accept an empty folder.
 */
export function codeOf(asset: HandlerAsset): Pick<FunctionProps, 'runtime' | 'architecture' | 'handler' | 'code'> {
  const { architecture, platform, machine } = ARCHITECTURES[asset.architecture];
  const build = (what: string) => new UnbuiltHandlerError(`${nameOf(asset)} ${what}: run "nx build ${asset.project}".`);
  if (!existsSync(asset.code) || readdirSync(asset.code).length === 0) throw build('is not built');
  if (leftOut(asset) !== undefined) throw new UnbuiltHandlerError(`${leftOut(asset)}`);
  const fileOf = (name: string) => {
    const file = join(asset.code, name);
    if (!existsSync(file)) throw build(`has no ${name} in ${relative(dirname(asset.code), asset.code)}`);
    return file;
  };
  // A program for the other architecture would be deployed, and fail at its first call.
  if (asset.runtime !== 'nodejs24.x' && machineOf(fileOf(asset.handler)) !== machine)
    throw build(`is compiled for something else than ${asset.architecture}`);
  const runtime = RUNTIMES[asset.runtime];
  if (asset.runtime !== 'image')
    return { runtime, architecture, handler: asset.handler, code: Code.fromAsset(asset.code) };
  fileOf('Dockerfile');
  return { runtime, architecture, handler: Handler.FROM_IMAGE, code: Code.fromAssetImage(asset.code, { platform }) };
}

/** What a Linux program is compiled for; undefined if the file is something else. */
function machineOf(file: string): number | undefined {
  const program = readFileSync(file);
  return program.toString('latin1', 0, 4) === '\x7fELF' ? program.readUInt16LE(18) : undefined;
}

/** A project's folder as people name it: from the root of its workspace, whatever folder the app runs in. */
function nameOf({ code }: HandlerAsset): string {
  const project = dirname(code);
  for (let root = project; root !== dirname(root); root = dirname(root)) {
    if (existsSync(join(root, 'nx.json'))) return relative(root, project);
  }
  return project;
}
