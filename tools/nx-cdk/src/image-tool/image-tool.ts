import { ask } from '@nx-cdk/processes';
import { Failure } from '../failure/index.ts';

/** In the order in which they are tried. */
const KNOWN = ['docker', 'podman', 'buildah', 'finch'];

/**
 * The program that builds images: what `CDK_DOCKER` names, without a test, as in CDK's own tools (`getDockerCmd` in
 * @aws-cdk/cdk-assets-lib/lib/private/docker.js); else the first one that works. Docker's client alone, without an
 * engine, does not.
 *
 * @throws Failure `NoImageTool` if none works
 */
export async function findImageTool(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const named = environment['CDK_DOCKER'];
  const { program, complaint } = named ? { program: named } : await tryAll(KNOWN, environment);
  if (program !== undefined) return program;
  throw new Failure('NoImageTool', {
    what: `No ${complaint}`,
    next: 'install one or start its engine, or name one in CDK_DOCKER, then publish again',
  });
}

/**
 * Why images cannot be built here; undefined if they can. For decisions beforehand: unlike {@link findImageTool}, it
 * also tests the tool that `CDK_DOCKER` names.
 */
export async function whyNoImageTool(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const named = environment['CDK_DOCKER'];
  const { complaint } = await tryAll(named ? [named] : KNOWN, environment);
  return complaint && `no ${complaint}`;
}

/** The first program that works, or why none does. `info` asks the engine, or the storage of tools without one. */
async function tryAll(
  programs: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly program?: string; readonly complaint?: string }> {
  const complaints: string[] = [];
  for (const program of programs) {
    const { started, answer } = await ask(program, ['info'], { env, timeout: 20_000 });
    if (answer !== undefined) return { program };
    complaints.push(`${program} ${started ? 'is installed but does not answer' : 'is not installed'}`);
  }
  return { complaint: `tool that builds images works here (${complaints.join(', ')})` };
}
