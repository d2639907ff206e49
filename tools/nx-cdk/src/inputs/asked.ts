/** The variable in which the plugin tells tasks which targets their command names, separated by commas. */
export const ASKED_TARGETS = 'NX_CDK_ASKED_TARGETS';

/**
 * Whether a command names a task's target. What Nx runs before it may be given its options without being meant by them.
 *
 * @param target name of the task's target
 * @returns true if nobody said what the command names, too
 */
export function isAskedFor(environment: NodeJS.ProcessEnv, target = ''): boolean {
  const named = environment[ASKED_TARGETS];
  return !named || named.split(',').includes(target);
}
