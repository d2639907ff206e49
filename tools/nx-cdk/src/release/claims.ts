import { hash } from 'node:crypto';
import pLimit from 'p-limit';
import type { AssemblyStack } from '../assembly/index.ts';
import { explain, isAccessDenied, type AwsClients, type EngineDependencies } from '../aws/index.ts';
import { type Clock, systemClock } from '../cloudformation/index.ts';
import { type BucketObject, Buckets, bucketOf, explainObjectError } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import { type Envelope, parseEnvelope } from './envelope.ts';
import { RELEASE_FORMAT, shortRelease } from './model.ts';
import { awaitCollectors } from './notices.ts';
import { fetchObject } from './read-records.ts';
import { claimKey, objectPlace, parseRecord } from './record.ts';
import { emptyPlace, type FurtherTarget, recordPlaces, type RecordPlace } from './record-places.ts';

/** Buckets at a time. */
const AT_ONCE = 50;

/**
 * A record younger than this protects what it names as a claim does, in milliseconds. Garbage collection leaves records
 * alone that are younger than a day: what is published within the other half of it, and deployed, is safe.
 */
export const RECORD_IS_FRESH = 12 * 60 * 60_000;

/** What a publishing run is about to rely on. */
interface ClaimRequest {
  /** Digest of the release that is published. */
  readonly release: string;
  /** Id of the app. @default - the workspace has no name */
  readonly owner?: string;
  readonly stacks: readonly AssemblyStack[];
  /** Whether a destination is part of the run, by its id. */
  readonly isPart: (id: string) => boolean;
  /** What has to know of the release, too, where it has nothing. @default - none */
  readonly further?: readonly FurtherTarget[];
  /** Claims without looking at the records that are there. @default false */
  readonly force?: boolean;
}

interface ClaimDependencies extends EngineDependencies {
  /** @default - they are asked again */
  readonly buckets?: Buckets;
  /** @default - the clock of the system */
  readonly clock?: Clock;
}

/** What a run found out when it claimed. */
export interface Claims {
  /** By bucket and key of a record: what is there, or why nothing was claimed. */
  readonly found: ReadonlyMap<string, Claimed>;
  /** Where the release has nothing but its assembly. */
  readonly empty: readonly RecordPlace[];
}

type Claimed = Envelope | undefined | Failure;

/**
 * Whether somebody who need not be in a bucket can do without: it is not there, or nobody lets us in. All else that is
 * wrong has to be known.
 */
export function isUnusable({ code }: Failure): boolean {
  return ['AssumeRoleDenied', 'NotBootstrapped', 'BucketRefused'].includes(code);
}

/** A record as it was read. */
interface KnownRecord {
  readonly envelope: Envelope;
  readonly text: string;
  readonly modifiedAt: number;
}

/**
 * Says in each bucket what a run is about to rely on, before it looks at what is there: from then on, garbage
 * collection leaves it alone. A fresh record says it already, an old one is written again as it is, and where there is
 * none a claim is written. Then it waits while a collector deletes that may have looked before.
 *
 * Costs one request a bucket if there is a fresh record, as the record itself would. Does not throw for a bucket.
 * Further targets that cannot be used are told in one warning.
 *
 * @returns what `recordPublished` goes on with
 */
export async function claimPlaces(request: ClaimRequest, dependencies: ClaimDependencies): Promise<Claims> {
  const { release, stacks, isPart, further = [] } = request;
  const places = await recordPlaces(release, stacks, isPart, dependencies.aws);
  const known = new Set(places.map(({ targetName, bucket }) => `${targetName} ${bucket}`));
  const others = further.filter(
    ({ targetName, places: own }) => !own.some(({ bucket }) => known.has(`${targetName} ${bucket}`)),
  );
  const limit = pLimit(AT_ONCE);
  const [claimed, claimedThere] = await Promise.all([
    limit.map(places, async (place) => {
      const found = await claim(place, request, dependencies).catch((error: unknown) => explain(error));
      return { place, found };
    }),
    limit.map(others, (target) => claimOneOf(target, request, dependencies)),
  ]);
  tellUnusable(claimedThere, places, release, dependencies);
  const empty = claimedThere.flatMap((one) => ('place' in one ? [one] : []));
  return {
    found: new Map([...claimed, ...empty].map(({ place, found }) => [claimName(place), found])),
    empty: empty.map(({ place }) => place),
  };
}

/** A bucket that is claimed, or why none of a target can be used. */
type ClaimedTarget =
  | { readonly place: RecordPlace; readonly found: Claimed }
  | { readonly targetName: string; readonly unusable: Failure | undefined };

/** Claims in the first bucket of a target that can be used. */
async function claimOneOf(
  { targetName, places }: FurtherTarget,
  request: ClaimRequest,
  dependencies: ClaimDependencies,
): Promise<ClaimedTarget> {
  let unusable: Failure | undefined;
  for (const each of places) {
    const place = emptyPlace(request.release, each, targetName);
    try {
      return { place, found: await claim(place, request, dependencies) };
    } catch (error) {
      const failure = explain(error);
      if (!isUnusable(failure)) return { place, found: failure };
      unusable ??= failure;
    }
  }
  return { targetName, unusable };
}

function tellUnusable(
  claimed: readonly ClaimedTarget[],
  places: readonly RecordPlace[],
  release: string,
  { listener }: Pick<ClaimDependencies, 'listener'>,
): void {
  const unusable = claimed.flatMap((one) => ('place' in one ? [] : [one]));
  const [first] = unusable;
  if (first === undefined) return;
  const names = unusable.map(({ targetName }) => targetName);
  // Stacks go there, by a bucket that the environments file does not name.
  const unnamed = new Set(places.filter((one) => names.includes(one.targetName)).map(({ bucket }) => bucket));
  const hint = `Name ${[...unnamed].join(', ')} in "roles.buckets" of the environments file. `;
  const text =
    `The assembly of release ${shortRelease(release)} is not stored in ${names.join(', ')} where deployments look for ` +
    'it: one by its digest is refused if it is limited to that (--targets). ' +
    `${unnamed.size === 0 ? '' : hint}${first.unusable?.message ?? ''}`;
  listener({ type: 'message', level: 'warning', text: text.trim() });
}

/** What a claim is called in `Claims`. */
export function claimName({ bucket, key }: Pick<BucketObject, 'bucket' | 'key'>): string {
  return objectPlace(bucket, key);
}

async function claim(place: RecordPlace, request: ClaimRequest, dependencies: ClaimDependencies) {
  const { aws, listener, signal, clock = systemClock } = dependencies;
  const text = `${place.targetName}: waits while nx gc deletes in ${place.bucket}.`;
  const onWait = () => listener({ type: 'message', level: 'info', text });
  const seen = new Map<string, number>();
  for (;;) {
    const known = request.force === true ? undefined : await knownRecord(aws, place, request.release);
    if (known !== undefined && clock.now() - known.modifiedAt < RECORD_IS_FRESH) return known.envelope;
    await put(
      place,
      known === undefined ? claimOf(place, request) : { key: place.key, text: known.text },
      dependencies,
    );
    // Whoever collects reads this after writing its notice, or has removed its notice by now.
    if (!(await awaitCollectors(aws, place, clock, { seen, signal, onWait }))) return known?.envelope;
    if (signal?.aborted) return known?.envelope;
  }
}

/** The record that is there; undefined if there is none that can be read, so that it is written. */
export async function knownRecord(
  aws: AwsClients,
  { targetName, ...object }: BucketObject & { readonly targetName: string },
  release: string,
): Promise<KnownRecord | undefined> {
  const where = objectPlace(object.bucket, object.key);
  try {
    const found = await fetchObject(aws, object);
    const envelope = parseEnvelope(found.text, where);
    parseRecord(envelope.payload, where, { release, target: targetName });
    return { ...found, envelope };
  } catch (error) {
    // A role that may not list a bucket is told 403 for what is not there.
    const isNone = ['NoSuchKey', 'NoSuchBucket'].includes((error as Error).name) || isAccessDenied(error);
    if (isNone || error instanceof Failure) return undefined;
    throw await explainObjectError(aws, object, error);
  }
}

function claimOf({ key, targetName, places }: RecordPlace, { release, owner }: ClaimRequest) {
  const claim = { format: RELEASE_FORMAT, release, target: targetName, owner, places };
  return { key: claimKey(key), text: JSON.stringify(claim) };
}

async function put(
  place: RecordPlace,
  { key, text }: { readonly key: string; readonly text: string },
  { aws, buckets = new Buckets() }: ClaimDependencies,
): Promise<void> {
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  const object = { ...place, key };
  const s3 = await aws.s3(place.session);
  const encryption = await buckets.encryption(aws, object);
  const body = { Body: text, ContentType: 'application/json', ChecksumSHA256: hash('sha256', text, 'base64') };
  try {
    await s3.send(new PutObjectCommand({ ...bucketOf(place), Key: key, ...body, ...encryption }));
  } catch (error) {
    throw await explainObjectError(aws, object, error);
  }
}
