import { basename } from 'node:path';
import { run } from '@libs/processes';
import { Failure } from '../failure/index.ts';

/** A program that builds images. */
export interface ImageTool {
  /** Name or path of the program. */
  readonly program: string;
  /** `buildah` has no `save`; all others speak Docker's language. */
  readonly dialect: 'docker' | 'buildah';
}

/** In the order in which they are tried. */
const KNOWN = ['docker', 'podman', 'buildah', 'finch'];

/**
 * The tool that builds: what `CDK_DOCKER` names, unasked, as CDK's own tools do (`getDockerCmd` in
 * @aws-cdk/cdk-assets-lib/lib/private/docker.js); without it the first one that works. Docker's client alone, without
 * an engine, does not.
 *
 * @throws Failure `NoImageTool` if none works
 */
export async function findImageTool(environment: NodeJS.ProcessEnv = process.env): Promise<ImageTool> {
  const named = environment['CDK_DOCKER'];
  if (named) return tool(named);
  const { works, complaints } = await tryAll(KNOWN, environment);
  if (works !== undefined) return tool(works);
  throw new Failure('NoImageTool', {
    what: `No tool that builds images works here (${complaints})`,
    next: 'install one or start its engine, or name one in CDK_DOCKER, then publish again',
  });
}

/**
 * Why images cannot be built here; undefined if they can. For decisions beforehand: unlike {@link findImageTool}, it
 * also asks the tool that `CDK_DOCKER` names.
 */
export async function whyNoImageTool(environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const named = environment['CDK_DOCKER'];
  const { works, complaints } = await tryAll(named ? [named] : KNOWN, environment);
  return works === undefined ? `no tool that builds images works here (${complaints})` : undefined;
}

async function tryAll(
  programs: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<{ readonly works?: string; readonly complaints: string }> {
  const complaints: string[] = [];
  for (const program of programs) {
    const reason = await complaint(program, environment);
    if (reason === undefined) return { works: program, complaints: '' };
    complaints.push(`${program} ${reason}`);
  }
  return { complaints: complaints.join(', ') };
}

function tool(program: string): ImageTool {
  return { program, dialect: /buildah/i.test(basename(program)) ? 'buildah' : 'docker' };
}

/** Why a tool does not work; undefined if it does. `info` asks the engine, or the storage of tools without one. */
async function complaint(program: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { started, failure } = await run(program, ['info'], { env: environment, timeout: 20_000 });
  if (failure === undefined) return undefined;
  return started ? 'is installed but does not answer' : 'is not installed';
}
