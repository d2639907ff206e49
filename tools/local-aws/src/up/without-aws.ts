/**
 * The environment without anything that says how to reach AWS. `up` is about the local AWS only: a profile or keys of
 * the shell are for somewhere else.
 */
export function withoutAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('AWS_') || name === 'AWS_CA_BUNDLE'),
  );
}
