/**
 * The variable in which the plugin tells tasks which configuration their command was given (`-c`). Nx leaves a
 * configuration out, without a word, where a target does not have it.
 */
export const CONFIGURATION = 'NX_CDK_CONFIGURATION';

/**
 * The configuration that a command was given and that does not reach a task. It may name another AWS than the one that
 * the environment of the task leads to, so the task must not call any.
 *
 * @param own the configuration that the task has
 */
export function missedConfiguration(environment: NodeJS.ProcessEnv, own?: string): string | undefined {
  const given = environment[CONFIGURATION];
  return given && given !== own && !environment['AWS_ENDPOINT_URL'] ? given : undefined;
}
