/** Names of outputs, and of what became of them. Values are in the outputs themselves, where they may be shown. */
export interface OutputChanges {
  readonly added: readonly string[];
  /** Their value differs. One that CloudFormation masks never does. */
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** What became of the outputs of a stack that was there before; undefined if they are the same. */
export function compareOutputs(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): OutputChanges | undefined {
  const [olds, news] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const added = [...news.keys()].filter((key) => !olds.has(key)).sort();
  const changed = [...news].flatMap(([key, value]) => (olds.has(key) && olds.get(key) !== value ? [key] : [])).sort();
  const removed = [...olds.keys()].filter((key) => !news.has(key)).sort();
  return added.length + changed.length + removed.length === 0 ? undefined : { added, changed, removed };
}

/** What became of outputs in two steps, of which the second one only takes away. */
export function afterBoth(first: OutputChanges | undefined, second: OutputChanges | undefined) {
  if (first === undefined || second === undefined) return first ?? second;
  const left = (names: readonly string[]) => names.filter((name) => !second.removed.includes(name));
  const all = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])].sort();
  return {
    added: left(first.added),
    changed: left(all(first.changed, second.changed)),
    removed: all(first.removed, second.removed),
  };
}

/** `1 output added, 2 outputs changed`, for a line; nothing if all are the same. */
export function describeOutputs(changes: OutputChanges | undefined): string {
  return Object.entries(changes ?? {})
    .filter(([, names]) => names.length > 0)
    .map(
      ([what, names]: [string, readonly string[]]) => `${names.length} output${names.length === 1 ? '' : 's'} ${what}`,
    )
    .join(', ');
}
