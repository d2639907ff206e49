/**
 * The environment without anything that says how to reach AWS. `npm start` is about the local AWS only: a profile or
 * keys that the shell happens to name are for somewhere else, and would win over those of `.env.local-aws`.
 */
export function withoutAws(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && (!entry[0].startsWith('AWS_') || entry[0] === 'AWS_CA_BUNDLE'),
    ),
  );
}
