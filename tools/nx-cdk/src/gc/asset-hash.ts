/** A run of hexadecimal digits that may hold the hash of an asset. */
const HASHES = /[0-9a-f]{64,}/g;

/**
 * The hash that an object or a tag is named after; undefined for what is not named as CDK names assets, which is never
 * garbage.
 *
 * @param name key of an object, or tag of an image
 */
export function assetHash(name: string): string | undefined {
  const found = name.split('/').at(-1)!.match(HASHES) ?? [];
  return found.length === 1 && found[0]!.length === 64 ? found[0] : undefined;
}

/** Adds all hashes that a text mentions, wherever in it: also those that hide in a longer run of digits. */
export function addHashes(text: string, hashes: Set<string>): void {
  for (const [run] of text.matchAll(HASHES)) {
    for (let start = 0; start + 64 <= run.length; start += 1) hashes.add(run.slice(start, start + 64));
  }
}
