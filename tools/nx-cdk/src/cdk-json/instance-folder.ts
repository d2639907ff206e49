import { posix } from 'node:path';

/** Where the assemblies of instances are, in the folder of the app. TypeScript does not look into it, nor does Jest. */
export const INSTANCES_FOLDER = '.instances';

/**
 * The folder of the assembly of one instance, relative to the app: each has its own, so that two are made and deployed
 * at the same time. Its last part is one that git ignores wherever apps are.
 */
export function instanceFolder(environment: string, instance: string): string {
  return posix.join(INSTANCES_FOLDER, environment, instance, 'cdk.out');
}
