import { Failure } from '../failure/index.ts';
import { nameOfKey, readKey } from '../synth/index.ts';

/**
 * Chooses the values to look up again. What somebody wrote into the file, and nobody looked up, is never among them.
 *
 * @param stored keys of `cdk.context.json`
 * @param patterns of keys as they are in the file or as they are shown; `*` stands for anything. Empty: all
 * @throws Failure `UnknownKey` naming the values there are, if a pattern fits none
 */
export function chooseKeys(stored: readonly string[], patterns: readonly string[]): ReadonlySet<string> {
  const known = stored.filter((key) => readKey(key) !== undefined);
  if (patterns.length === 0) return new Set(known);
  const chosen = patterns.flatMap((pattern) => {
    const expression = new RegExp(`^${pattern.split('*').map(literally).join('.*')}$`, 's');
    const fitting = known.filter((key) => expression.test(key) || expression.test(nameOfKey(key)));
    if (fitting.length === 0) throw noSuchKey(pattern, known);
    return fitting;
  });
  return new Set(chosen);
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function noSuchKey(pattern: string, known: readonly string[]): Failure {
  const there =
    known.length === 0 ? 'it holds no looked-up values at all' : `there are ${known.map(nameOfKey).join(', ')}`;
  return new Failure('UnknownKey', { what: `No value of cdk.context.json matches --key=${pattern}`, next: there });
}
