import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type NodesContext, type ProjectFacts, readProject } from '../project.ts';

/** Options of the plugin that are about handlers in Go and Rust. */
export interface HandlerOptions {
  /**
   * What handlers in Go and Rust are compiled for, which is the architecture of the functions that run them.
   * @default 'arm64'
   */
  readonly architecture?: 'arm64' | 'x86_64';
  /**
   * Globs of folders, relative to the workspace root, such as `services/*`: each with a `go.mod` or a `Cargo.toml` that
   * names Lambda's runtime library is a handler. A project with the tag `nx-cdk:handler` is one, too, wherever it is.
   * @default - only projects with the tag
   */
  readonly handlers?: readonly string[];
}

/** What the Nx targets of a handler follow from. */
export interface HandlerFacts extends ProjectFacts {
  /** Folder of the handler, relative to the workspace root. */
  readonly root: string;
  readonly language: 'go' | 'rust';
  /** Whether a Dockerfile beside the manifest makes it a container image. */
  readonly isImage: boolean;
}

/** The tag of a project that is a handler, whatever folder it is in. */
const TAG = 'nx-cdk:handler';

/**
 * What tells a handler from other programs in its language, where a glob names many folders: the runtime library of
 * Lambda. A project with the tag may have another one.
 */
const RUNTIME_LIBRARY = {
  go: /^\s*(require\s+)?github\.com\/aws\/aws-lambda-go\s/m,
  rust: /^\s*lambda_runtime\s*=|^\[dependencies\.lambda_runtime\]/m,
};

/** Whether a folder is one of those that the option `handlers` names. */
export async function listedHandlers({ handlers = [] }: HandlerOptions): Promise<(root: string) => boolean> {
  if (handlers.length === 0) return () => false;
  // Imported late, since hardly any workspace needs it and each command of Nx loads this plugin.
  const { default: picomatch } = await import('picomatch');
  return picomatch(handlers.map((pattern) => pattern.replace(/^\.\//, '').replace(/\/+$/, '')));
}

/**
 * Reads a handler in Go or Rust.
 *
 * @param file the manifest, relative to the workspace root
 * @returns undefined if the folder is no handler: other programs and libraries are none of our business, nor are CDK
 *   apps in Go
 */
export function readHandler(
  file: string,
  context: NodesContext,
  isListed: (root: string) => boolean,
): HandlerFacts | undefined {
  const root = dirname(file);
  const folder = join(context.workspaceRoot, root);
  if (existsSync(join(folder, 'cdk.json'))) return undefined;
  const language = file.endsWith('go.mod') ? 'go' : 'rust';
  const project = readProject(root, context);
  const namesLibrary = () => RUNTIME_LIBRARY[language].test(readFileSync(join(folder, basename(file)), 'utf8'));
  if (!project.tags.includes(TAG) && !(isListed(root) && namesLibrary())) return undefined;
  return { ...project, root, language, isImage: existsSync(join(folder, 'Dockerfile')) };
}
