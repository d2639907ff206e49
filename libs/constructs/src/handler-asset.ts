import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Architecture, Code, type FunctionProps, Handler, Runtime } from 'aws-cdk-lib/aws-lambda';

/** What Lambda runs a handler with. */
const RUNTIMES = {
  'nodejs22.x': Runtime.NODEJS_22_X,
  'nodejs24.x': Runtime.NODEJS_24_X,
  'python3.13': Runtime.PYTHON_3_13,
  'python3.14': Runtime.PYTHON_3_14,
  'provided.al2023': Runtime.PROVIDED_AL2023,
  image: Runtime.FROM_IMAGE,
} as const;

/** What the header of a program for Linux says that it is compiled for (`e_machine` of ELF). */
const MACHINES = [
  [0xb7, Architecture.ARM_64],
  [0x3e, Architecture.X86_64],
] as const;

/** What Lambda has, the cheapest first. */
const ALL = MACHINES.map(([, architecture]) => architecture);

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
   * What runs it: Node for JavaScript, Python, the bare operating system for a program that is compiled for it
   * (`provided.al2023`), or the container image that the folder becomes
   * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html).
   */
  readonly runtime: keyof typeof RUNTIMES;
  /**
   * File and function, for example `index.handler`. For a compiled program and for an image the file that is started,
   * which Lambda wants to be called `bootstrap` if it is no image.
   */
  readonly handler: string;
  /** Environment variables that the handler reads. */
  readonly environment: readonly Variable[];
}

/** A handler is not compiled, or not for the architecture that its function wants. */
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
 * @param wanted what it shall run on. @default - what the program is compiled for, for code that is not compiled arm64
 * @throws UnbuiltHandlerError naming the folder and the command that fills it. CDK would only say that an asset is
 *   missing, and would accept an empty folder.
 */
export function codeOf(
  asset: HandlerAsset,
  wanted?: Architecture,
): Pick<FunctionProps, 'runtime' | 'architecture' | 'handler' | 'code'> {
  const build = (what: string) => new UnbuiltHandlerError(`${nameOf(asset)} ${what}: run "nx build ${asset.project}".`);
  if (!existsSync(asset.code) || readdirSync(asset.code).length === 0) throw build('is not built');
  if (leftOut(asset) !== undefined) throw new UnbuiltHandlerError(`${leftOut(asset)}`);
  const fileOf = (name: string) => {
    const file = join(asset.code, name);
    if (!existsSync(file)) throw build(`has no ${name} in ${relative(dirname(asset.code), asset.code)}`);
    return file;
  };
  const isImage = asset.runtime === 'image';
  const isProgram = isImage || asset.runtime === 'provided.al2023';
  const compiled = isProgram ? fileOf(asset.handler) : compiledPartOf(asset);
  const possible = compiled === undefined ? ALL : whatRuns(readFileSync(compiled));
  const architecture = possible.find(({ name }) => name === (wanted ?? possible[0])?.name);
  // A program for another machine would be deployed, and fail at its first call.
  if (architecture === undefined)
    throw build(`is compiled for something else than ${wanted?.name ?? 'what Lambda has'}`);
  const runtime = RUNTIMES[asset.runtime];
  if (!isImage) return { runtime, architecture, handler: asset.handler, code: Code.fromAsset(asset.code) };
  fileOf('Dockerfile');
  const platform = Platform.custom(architecture.dockerPlatform);
  return { runtime, architecture, handler: Handler.FROM_IMAGE, code: Code.fromAssetImage(asset.code, { platform }) };
}

/** A compiled library among the packages of a handler in Python, if it has one; all are for the same architecture. */
function compiledPartOf({ runtime, code }: HandlerAsset): string | undefined {
  if (!runtime.startsWith('python')) return undefined;
  const files = readdirSync(code, { recursive: true, encoding: 'utf8' });
  const library = files.find((file) => /\.so(\.|$)/.test(file));
  return library === undefined ? undefined : join(code, library);
}

/** The architectures that a program or a script runs on, the cheapest first; none if it is for no machine of Lambda. */
function whatRuns(program: Buffer): readonly Architecture[] {
  if (program.length > 0 && !program.includes(0)) return ALL;
  const isElf = program.length >= 20 && program.toString('latin1', 0, 4) === '\x7fELF';
  return MACHINES.filter(([machine]) => isElf && program.readUInt16LE(18) === machine).map(([, one]) => one);
}

/** A project's folder as people name it: from the root of its workspace, whatever folder the app runs in. */
function nameOf({ code }: HandlerAsset): string {
  const project = dirname(code);
  for (let root = project; root !== dirname(root); root = dirname(root)) {
    if (existsSync(join(root, 'nx.json'))) return relative(root, project);
  }
  return project;
}
