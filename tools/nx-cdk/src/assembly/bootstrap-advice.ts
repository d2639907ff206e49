import { DEFAULT_QUALIFIER } from '@nx-cdk/environments';

/** Names that the bootstrap template gives to its bucket, its repository and its version parameter. */
const MADE = /^(?:\/cdk-bootstrap\/([\w-]{1,10})\/version|cdk-([\w-]{1,10}?)-(?:container-)?assets-\d{12}-[\w-]+)$/;

/**
 * What to do if something is not there that an app expects of the bootstrap. To bootstrap again is no advice for what
 * no bootstrap makes.
 *
 * @param name of the bucket, repository or parameter
 */
export function bootstrapAdvice(name: string): string {
  const made = MADE.exec(name);
  if (made === null) return `nx bootstrap does not make it: create it, or correct the name in the app's synthesizer`;
  const qualifier = made[1] ?? made[2];
  const inFile =
    qualifier === DEFAULT_QUALIFIER ? '' : ` (an environments file has to say "qualifier": "${qualifier}")`;
  return `run nx bootstrap for it first${inFile}`;
}
