import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What builds images in every child of a test: see there. It works only with podman, as no other tool is meant to be
 * tried.
 */
export const IMAGE_BUILDER = join(import.meta.dirname, '..', 'podman');

/** Whether podman works here. */
export function podmanWorks(): boolean {
  try {
    execFileSync('podman', ['info'], { stdio: 'ignore', timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}

/** The same for tests: those that build images are skipped without it, and this says so. */
export function imagesAreTested(): boolean {
  if (podmanWorks()) return true;
  console.warn('podman does not work here: the tests that build images are skipped. Install it (apt install podman).');
  return false;
}

/** `describe` of what builds images. */
export const describeWithPodman = (name: string, body: () => void) =>
  (imagesAreTested() ? describe : describe.skip)(name, body);

/**
 * The first arguments of all calls of {@link IMAGE_BUILDER} with the home folder of a workspace, such as `build`, since
 * the last time.
 */
export async function builderCalls(home: string): Promise<string[]> {
  const log = join(home, 'containers', 'calls');
  if (!existsSync(log)) return [];
  const calls = (await readFile(log, 'utf8')).split('\n').filter(Boolean);
  await rm(log);
  return calls;
}

/** Takes all its images away: a machine that never built anything. */
export async function forgetImages(home: string): Promise<void> {
  for (const each of ['root', 'run']) await rm(join(home, 'containers', each), { recursive: true, force: true });
}
