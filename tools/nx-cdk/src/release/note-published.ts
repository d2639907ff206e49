import { hash } from 'node:crypto';
import { resolve } from 'node:path';
import { withLock, workspaceLock } from '@libs/processes';
import type { DestinationReport } from '../destinations/index.ts';
import { readReleaseManifest, writeReleaseManifest } from './file.ts';
import type { PublishedDestination } from './model.ts';
import { placeOf } from './record.ts';
import { publishedAt } from './run-records.ts';

/** How long to wait for other runs, each of which takes milliseconds; in milliseconds. */
const PATIENCE = 60_000;

/**
 * Adds to `release.json` what a run published. Runs for other environments may do the same at the same time; what they
 * added stays.
 *
 * For people and their programs: no deployment trusts it.
 *
 * @param directory folder of the assembly
 * @param release digest of what was published; if the folder holds another release by now, nothing is written
 */
export async function notePublished(
  directory: string,
  release: string,
  results: readonly DestinationReport[],
): Promise<void> {
  const folder = resolve(directory);
  const name = `release-${hash('sha256', folder).slice(0, 16)}`;
  const add = async () => {
    const manifest = await readReleaseManifest(directory);
    if (manifest?.digest !== release) return;
    const published = merged(manifest.published ?? {}, results);
    if (JSON.stringify(published) === JSON.stringify(manifest.published ?? {})) return;
    await writeReleaseManifest(directory, { ...manifest, published });
  };
  await withLock(workspaceLock(folder, name), add, AbortSignal.timeout(PATIENCE));
}

type Published = Readonly<Record<string, readonly PublishedDestination[]>>;

function merged(known: Published, results: readonly DestinationReport[]): Published {
  const environments = new Map<string, Map<string, PublishedDestination>>();
  const put = (target: string, destination: PublishedDestination) => {
    const places = environments.get(target) ?? new Map<string, PublishedDestination>();
    places.set(placeOf(destination, target.split('/')[1]!), destination);
    environments.set(target, places);
  };
  for (const [target, destinations] of Object.entries(known))
    for (const destination of destinations) put(target, destination);
  for (const result of results) {
    const destination = publishedAt(result, result.region);
    if (destination !== undefined) put(`${result.account}/${result.region}`, destination);
  }
  return Object.fromEntries(
    [...environments]
      .toSorted(byName)
      .map(([name, places]) => [name, [...places].toSorted(byName).map(([, each]) => each)]),
  );
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
