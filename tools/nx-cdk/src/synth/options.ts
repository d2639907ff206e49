import { isCI } from '@nx-cdk/processes';
import { Failure } from '../failure/index.ts';

/**
 * Whether a synthesis may look things up by default: on a laptop, but not in a CI. A pipeline builds what follows from
 * the commit alone, and its synth step has no credentials.
 */
export function lookupsAllowed(environment: NodeJS.ProcessEnv): boolean {
  return !isCI(environment);
}

/**
 * Reads context given as `--context key=value`, once or many times, or as an object in a project's options. Values stay
 * strings, as with the CDK CLI.
 *
 * @throws Failure `Context` if an entry has no `=`
 */
export function parseContext(
  given: readonly string[] | string | Readonly<Record<string, unknown>> = [],
): Record<string, unknown> {
  if (typeof given === 'object' && !Array.isArray(given)) return { ...given };
  const entries = [given as string | readonly string[]].flat().map((entry) => {
    const at = entry.indexOf('=');
    if (at >= 1) return [entry.slice(0, at), entry.slice(at + 1)];
    throw new Failure('Context', {
      what: `The context "${entry}" is not key=value`,
      next: 'write --context key=value',
    });
  });
  return Object.fromEntries(entries);
}
