import { hash } from 'node:crypto';
import type { DestinationReport } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import { parseFlat } from './flat-json.ts';
import { type PublishedDestination, type PublishRecord, RELEASE_FORMAT, shortRelease } from './model.ts';

/** How deep objects and lists are in each other in a record. */
const LEVELS = 3;

const SHA256 = /^[0-9a-f]{64}$/;

/** Where the records of a release lie in a bucket. */
export function recordPrefix(release: string): string {
  return `releases/${release}/`;
}

/** Key of a record: one for each set of destinations, by their ids, so that a repeated run finds its own. */
export function recordKey(release: string, destinations: readonly string[]): string {
  const name = hash('sha256', destinations.toSorted().join('\n')).slice(0, 16);
  return `${recordPrefix(release)}${name}.json`;
}

/** Where the claims of publishing runs lie in a bucket. */
export const CLAIMS = 'publishing/';

/** Where the records of releases lie that garbage collection has retired. */
export const RETIRED = 'garbage/';

/** Where all records lie. */
export const RECORDS = 'releases/';

/** Key of the claim of a run that will leave a record. */
export function claimKey(recordKey: string): string {
  return `${CLAIMS}${recordKey.slice(RECORDS.length)}`;
}

/** Key of a record that was retired. */
export function retiredKey(recordKey: string): string {
  return `${RETIRED}${recordKey}`;
}

/** What a destination is called in its account: equal for two records of the same place. */
export function placeOf(destination: PublishedDestination, regionOfRecord: string): string {
  return destination.kind === 'file'
    ? objectPlace(destination.bucket, destination.key)
    : imagePlace(destination.region ?? regionOfRecord, destination.repository, destination.tag);
}

export function objectPlace(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

export function imagePlace(region: string, repository: string, tag: string): string {
  return `${region} ${repository}:${tag}`;
}

/** Outcomes after which a destination holds what it should. */
const DONE = ['uploaded', 'unchanged', 'replaced'];

/** What a destination holds after a run; undefined if the run failed to. @param home region that is left out */
export function publishedAt(result: DestinationReport | undefined, home: string): PublishedDestination | undefined {
  if (result === undefined || !DONE.includes(result.outcome)) return undefined;
  const { assetId: asset, region } = result;
  if (result.kind === 'image') {
    const { kind, repository, tag, digest } = result;
    const elsewhere = region === home ? undefined : region;
    return digest === undefined ? undefined : { kind, asset, region: elsewhere, repository, tag, digest };
  }
  const { kind, bucket, key, sha256, versionId } = result;
  // The version `null` is that of a bucket that keeps none: the next one that is written has it, too.
  const version = versionId === 'null' ? undefined : versionId;
  return sha256 === undefined ? undefined : { kind, asset, bucket, key, sha256, versionId: version };
}

/** A record as bytes: always the same for the same record. */
export function formatRecord({ format, release, target, owner, destinations }: PublishRecord): Buffer {
  const region = target.split('/')[1]!;
  const byPlace = destinations.toSorted((a, b) => (placeOf(a, region) < placeOf(b, region) ? -1 : 1));
  return Buffer.from(JSON.stringify({ format, release, target, owner, destinations: byPlace.map(ordered) }));
}

/**
 * Reads a record. Each field has to be right, and there may be no other.
 *
 * @param where names the object in the failure: `s3://bucket/key`
 * @throws Failure `BrokenRecord`, `MisplacedRecord`
 */
export function parseRecord(
  payload: Buffer,
  where: string,
  { release, target }: Pick<PublishRecord, 'release' | 'target'>,
): PublishRecord {
  let record: PublishRecord;
  try {
    record = parseFlat(payload, LEVELS) as PublishRecord;
    // There is one form for all, and nothing in it that is not understood.
    if (!formatRecord(checked(record)).equals(payload)) throw new Error('it is not in the form that publish writes');
  } catch (error) {
    const what = `${where} is no record of a publishing run: ${(error as Error).message}`;
    const next = 'somebody has changed it, or another version of nx-cdk wrote it: publish again (nx publish <project>)';
    throw new Failure('BrokenRecord', { what, next }, { cause: error });
  }
  if (record.release === release && record.target === target) return record;
  const found = `${shortRelease(record.release)} in ${record.target}`;
  const what = `${where} is the record of release ${found}, not of ${shortRelease(release)} in ${target}`;
  const next = 'somebody has put it there; publish again (nx publish <project>) after finding out who';
  throw new Failure('MisplacedRecord', { what, next });
}

function checked(record: PublishRecord): PublishRecord {
  if (record?.format !== RELEASE_FORMAT) throw new Error(`its format is not ${RELEASE_FORMAT}`);
  if (!isText(record.release) || !SHA256.test(record.release)) throw new Error('it names no release');
  if (!/^[0-9]{12}\/[a-z0-9-]+$/.test(record.target)) throw new Error('it names no account and region');
  if (record.owner !== undefined && !isOwner(record.owner)) throw new Error('it names no owner');
  if (!Array.isArray(record.destinations)) throw new Error('it has no list of destinations');
  for (const [index, each] of (record.destinations as PublishedDestination[]).entries()) {
    const texts =
      each?.kind === 'file'
        ? [each.asset, each.bucket, each.key, each.versionId ?? '']
        : [each?.asset, each?.repository, each?.tag, each?.region ?? ''];
    const digest = each?.kind === 'file' ? each.sha256 : String(each?.digest).replace(/^sha256:/, '');
    if (!texts.every(isText) || !SHA256.test(digest)) throw new Error(`its destination ${index + 1} is none`);
  }
  return record;
}

/** The fields of a destination in the order of their types, without those that are not there. */
function ordered(destination: PublishedDestination): PublishedDestination {
  if (destination.kind === 'file') {
    const { kind, asset, bucket, key, sha256, versionId } = destination;
    return { kind, asset, bucket, key, sha256, versionId };
  }
  const { kind, asset, region, repository, tag, digest } = destination;
  return { kind, asset, region, repository, tag, digest };
}

/** Whether it is the id of an app, as change sets have it. */
export function isOwner(value: unknown): value is string {
  return isText(value) && /^[0-9a-f]{12}$/.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
