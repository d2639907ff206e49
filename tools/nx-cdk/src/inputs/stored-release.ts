/**
 * The variable in which the plugin tells tasks which targets a command names that takes a release from where it is
 * stored (`nx deploy infra --release=<digest>`), separated by commas. What Nx runs before them has nothing to do then,
 * and there may be no sources.
 */
export const STORED_RELEASE_TARGETS = 'NX_CDK_STORED_RELEASE_TARGETS';

/**
 * Whether a task only runs because Nx runs it before one that takes a release from where it is stored.
 *
 * @param target name of the task's target
 */
export function isLeftOut(environment: NodeJS.ProcessEnv, target = ''): boolean {
  const named = environment[STORED_RELEASE_TARGETS];
  return Boolean(named) && !named!.split(',').includes(target);
}
