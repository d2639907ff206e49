/** The first version number in a text, such as 1.26 in `go 1.26`; undefined if there is none. */
export function versionIn(text: string | undefined): string | undefined {
  return /\d+\.\d+(\.\d+)?/.exec(text ?? '')?.[0];
}

/** Whether a version is not older than another one. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [one, other] = [version, minimum].map((text) => text.split('.').map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (one![index] ?? 0) - (other![index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
