import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { AssetCode } from 'aws-cdk-lib/aws-lambda';
import { Code } from 'aws-cdk-lib/aws-lambda';

/**
 * What a handler library exports about itself. It is described by its shape: a handler imports nothing from here, so
 * that an edit of a construct leaves the handlers alone.
 *
 * @template Variable names of the environment variables that the handler reads
 */
export interface HandlerAsset<Variable extends string = string> {
  /** Name of the Nx project that builds it. */
  readonly project: string;
  /** Absolute path of the folder with the compiled code. */
  readonly code: string;
  /** File and function, for example `index.handler`. */
  readonly handler: string;
  /** Environment variables that the handler reads. */
  readonly environment: readonly Variable[];
}

/** A handler is deployed that nobody has compiled. */
export class UnbuiltHandlerError extends Error {
  override readonly name = 'UnbuiltHandlerError';
}

/**
 * The compiled code of a handler.
 *
 * @throws UnbuiltHandlerError naming the folder and the command that fills it. CDK itself would only say that an
 *   asset is missing, and would take an empty folder for a function.
 */
export function codeOf(asset: HandlerAsset): AssetCode {
  if (!existsSync(asset.code) || readdirSync(asset.code).length === 0) {
    throw new UnbuiltHandlerError(`${nameOf(dirname(asset.code))} is not built: run "nx build ${asset.project}".`);
  }
  return Code.fromAsset(asset.code);
}

/** A project's folder as people name it: from the root of its workspace, whatever folder the app runs in. */
function nameOf(project: string): string {
  for (let root = project; root !== dirname(root); root = dirname(root)) {
    if (existsSync(join(root, 'nx.json'))) return relative(root, project);
  }
  return project;
}
