import { isFree, isSecretName } from './template-secrets.ts';
import { ValueMask } from './value-mask.ts';

/** What CloudFormation says in place of a value that nobody may see. */
const HIDDEN_BY_AWS = '****';

/**
 * Two values of one property, for people who must not see secrets; see `ValueMask`. Equal values get equal masks, so
 * that a change stays visible.
 *
 * @param path names of the properties that lead there, and positions in lists: `['Environment', 'Variables', 'MODE']`
 */
export function maskedValues(path: readonly string[], before: unknown, after: unknown): readonly [unknown, unknown] {
  const values = new ValueMask();
  const both = [before, after] as const;
  if (both.includes(HIDDEN_BY_AWS)) return [values.hide(before), values.hide(after)];
  const names = path.filter((part) => !/^\d+$/.test(part));
  const secret = names.some((name) => isSecretName(name) || isFree(name));
  const mask = (value: unknown) => values.mask(value, names.at(-1) ?? '', secret);
  return [mask(before), mask(after)];
}
