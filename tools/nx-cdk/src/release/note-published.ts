import { hash } from 'node:crypto';
import { resolve } from 'node:path';
import { targetName } from '@libs/environments';
import { withLock, workspaceLock } from '@libs/processes';
import type { DestinationReport } from '../destinations/index.ts';
import { sorted } from './create.ts';
import { readReleaseManifest, writeReleaseManifest } from './file.ts';
import type { PublishedDestination } from './model.ts';
import { placeOf, publishedAt } from './record.ts';

/** How long to wait for other runs, each of which takes milliseconds; in milliseconds. */
const PATIENCE = 60_000;

/**
 * Adds to `release.json` what a run published. What runs for other environments add at the same time stays. For people
 * and their programs: no deployment trusts it.
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
  const added = results.map(
    (result) => [targetName(result), [publishedAt(result, result.region) ?? []].flat()] as const,
  );
  const targets = Map.groupBy([...Object.entries(known), ...added], ([target]) => target);
  const all = [...targets].map(([target, entries]) => {
    const region = target.split('/')[1]!;
    const destinations = entries.flatMap(([, each]) => each);
    // The last of a place wins.
    const places = sorted(destinations.map((each) => [placeOf(each, region), each]));
    return [target, Object.values(places)] as const;
  });
  return sorted(all.filter(([, destinations]) => destinations.length > 0));
}
