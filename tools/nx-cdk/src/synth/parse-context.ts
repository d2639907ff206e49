import { Failure } from '../failure/index.ts';

/**
 * Reads context given as `--context key=value`, once or many times, or as an object in a project's options. Values stay
 * strings, as with the CDK CLI.
 *
 * @throws Failure `Context` if an entry has no `=`
 */
export function parseContext(
  given: readonly string[] | string | Readonly<Record<string, unknown>> | undefined,
): Record<string, unknown> {
  if (given === undefined) return {};
  if (typeof given === 'object' && !Array.isArray(given)) return { ...given };
  const entries = typeof given === 'string' ? [given] : (given as readonly string[]);
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf('=');
      if (at < 1) {
        const what = `The context "${entry}" is not key=value`;
        throw new Failure('Context', { what, next: 'write --context key=value' });
      }
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
