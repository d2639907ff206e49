/**
 * Whether a synthesis may look things up if nobody says so: on a laptop, and nowhere that CI is set, as every CI
 * sets it. What a pipeline builds must follow from the commit alone, not from what AWS holds at that moment, and its
 * synth step has no credentials.
 *
 * CI must be an input of Nx's cache because of this: a synthesis that looked something up is kept under the inputs it
 * had before, without the values in cdk.context.json, and would answer if the same commit is to be refused.
 */
export function lookupsAllowed(environment: NodeJS.ProcessEnv): boolean {
  return !environment['CI'] || environment['CI'] === 'false';
}
