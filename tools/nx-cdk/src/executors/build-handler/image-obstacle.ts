import { isCI } from '@nx-cdk/processes';
import { whyNoImageTool } from '../../image-tool/index.ts';

/**
 * Why an image is left out: nothing on this machine can build it. A CI leaves nothing out, and the machine that
 * compiles there need not be the one that builds images, so in a CI nobody is asked until something is published.
 */
export async function imageObstacle(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return isCI(env) ? undefined : whyNoImageTool(env);
}
