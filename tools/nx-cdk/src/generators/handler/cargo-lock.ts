/** The part of a Cargo.lock about one package. */
const SECTION = '\n[[package]]\n';

/**
 * The lockfile of a crate: that of its dependencies, and the crate itself at its place in the alphabet, as cargo writes
 * it. With `--locked`, cargo refuses a file that it would write otherwise.
 *
 * @param lock of the dependencies alone
 */
export function withCrate(lock: string, name: string, dependencies: readonly string[]): string {
  const [head = '', ...packages] = lock.trimEnd().split(SECTION);
  const list = dependencies.map((one) => ` "${one}",\n`).join('');
  const own = `name = "${name}"\nversion = "0.0.0"\ndependencies = [\n${list}]`;
  const after = packages.findIndex((one) => nameIn(one) > name);
  const all = packages.toSpliced(after === -1 ? packages.length : after, 0, own);
  return `${[head.trimEnd(), ...all.map((one) => one.trim())].join(`\n${SECTION}`)}\n`;
}

/** Whether a lockfile has a crate of this name, which its owner could then not have. */
export function hasCrate(lock: string, name: string): boolean {
  return lock.split(SECTION).some((one) => nameIn(one) === name);
}

function nameIn(section: string): string {
  return /^name = "(.*)"$/m.exec(section)?.[1] ?? '';
}
