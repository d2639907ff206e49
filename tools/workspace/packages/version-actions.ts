/**
 * What `nx release` does with versions, named in nx.json: what it does for npm packages, and the changelog. That is
 * written by hand, for users; what stands there under "Unreleased" becomes the section of the version. Nx would make
 * one of commit messages, which are for us.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import actions from '@nx/js/src/release/version-actions';
import { released } from './changelog.ts';
import type { Manifest } from './manifest.ts';

const CHANGELOG = 'CHANGELOG.md';

export default actions.default;

/** Nx calls it once all manifests have their version. Nothing else changes: the lockfile knows no built package. */
export async function afterAllProjectsVersioned(
  cwd: string,
  { dryRun = false }: { readonly dryRun?: boolean },
): Promise<{ changedFiles: string[]; deletedFiles: string[] }> {
  const manifest = join(cwd, 'dist', 'packages', 'nx-cdk', 'package.json');
  if (dryRun || !existsSync(manifest)) return { changedFiles: [], deletedFiles: [] };
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
  const file = join(cwd, CHANGELOG);
  writeFileSync(file, released(readFileSync(file, 'utf8'), version, new Date()));
  return { changedFiles: [CHANGELOG], deletedFiles: [] };
}
