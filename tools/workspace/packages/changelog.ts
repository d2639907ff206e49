const UNRELEASED = '## Unreleased';

/**
 * A changelog (https://keepachangelog.com/en/1.1.0/) whose unreleased changes are those of a version, and which is
 * ready for the next ones. If the version is there already, nothing changes.
 *
 * @throws Error if it has no section of unreleased changes
 */
export function released(changelog: string, version: string, at: Date): string {
  if (changelog.includes(`\n## ${version} - `)) return changelog;
  if (!changelog.includes(`\n${UNRELEASED}\n`)) throw new Error(`The changelog has no section "${UNRELEASED}".`);
  const day = at.toISOString().slice(0, 10);
  return changelog.replace(`\n${UNRELEASED}\n`, `\n${UNRELEASED}\n\n## ${version} - ${day}\n`);
}
