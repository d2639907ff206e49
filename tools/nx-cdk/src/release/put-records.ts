import { hash } from 'node:crypto';
import type { ReleaseSigning } from '@nx-cdk/environments';
import pLimit from 'p-limit';
import type { AssemblyStack } from '../assembly/index.ts';
import { type AwsClients, explain, type EngineDependencies } from '../aws/index.ts';
import { type Clock, systemClock } from '../cloudformation/index.ts';
import {
  type BucketObject,
  Buckets,
  bucketOf,
  type DestinationReport,
  explainObjectError,
} from '../destinations/index.ts';
import { Failure, type ReportedFailure } from '../failure/index.ts';
import { failedItem, type Listener } from '../progress/index.ts';
import { type Claims, claimName, knownRecord } from './claims.ts';
import { type Envelope, formatEnvelope, RECORD_TYPE } from './envelope.ts';
import { type PublishRecord, RELEASE_FORMAT, shortRelease } from './model.ts';
import { type PackedBundle, putBundle } from './put-bundle.ts';
import { formatRecord, objectPlace, parseRecord, placeOf, publishedAt } from './record.ts';
import { type RecordPlace, recordPlaces } from './record-places.ts';
import { addToIndex, type SourceState } from './release-index.ts';
import { ReleaseSigner } from './signing.ts';

/** Buckets at a time. */
const AT_ONCE = 50;

/** A publishing run. */
interface RecordRequest {
  /** Digest of the release that was published. */
  readonly release: string;
  /** The stacks that the run was about. */
  readonly stacks: readonly AssemblyStack[];
  /** Id of the app whose release it is. @default - the workspace has no name */
  readonly owner?: string;
  /**
   * What the index of releases says that it was published from; asked only for a new release.
   * @default - the release is in no index
   */
  readonly source?: () => Promise<SourceState | undefined>;
  /** What became of each destination. */
  readonly destinations: readonly DestinationReport[];
  /** The assembly of the release, which is written beside each record. @default - it is not */
  readonly bundle?: PackedBundle;
  /** What `claimPlaces` found before the run. @default - records are read now */
  readonly claims?: Claims;
  /** @default - records are not signed */
  readonly signing?: ReleaseSigning;
  /** Writes, and signs, without looking at what is there. @default false */
  readonly force?: boolean;
}

interface RecordDependencies extends EngineDependencies {
  /** What the publishing run knows of them. @default - they are asked again */
  readonly buckets?: Buckets;
  /** @default - the clock of the system */
  readonly clock?: Clock;
}

/** What became of the record of one bucket. Plain data. */
interface RecordReport extends Pick<BucketObject, 'bucket' | 'key'> {
  /** `left-out`: the run did not bring everything there that the record would cover. */
  readonly outcome: 'recorded' | 'unchanged' | 'left-out' | 'failed';
  readonly failure?: ReportedFailure;
}

/**
 * Leaves a record of a publishing run in each bucket that holds templates: which release it was, and what every
 * destination of its stacks holds now. Written by the role that published the templates there, signed by the caller.
 * Where further targets were claimed, an empty one says that the release is known there.
 *
 * The assembly is written before, so that a record which is new says that it is there.
 *
 * Costs one request a bucket: a look, if nothing was uploaded, and nothing more if what is there says the same; else a
 * write, and one for the index if the release is new there. Does not throw for a bucket: see `failure` of its report,
 * which the listener hears as well.
 */
export async function recordPublished(
  request: RecordRequest,
  { aws, listener, signal, buckets = new Buckets(), clock = systemClock }: RecordDependencies,
): Promise<RecordReport[]> {
  const { signing, force = false } = request;
  const records = await recordsOf(request, aws);
  const signer = signing && new ReleaseSigner(aws, signing);
  /** What is there already: as it was claimed, else as it is now. */
  const knownAt = async (object: RunRecord | RecordPlace, blindly: boolean): Promise<Envelope | undefined> => {
    const claimed = request.claims?.found.get(claimName(object));
    if (claimed instanceof Failure) throw claimed;
    if (blindly || request.claims !== undefined) return blindly ? undefined : claimed;
    return (await knownRecord(aws, object, request.release))?.envelope;
  };
  const { owner, release } = request;
  const publishedAt = clock.now();
  let source: Promise<SourceState | undefined> | undefined;
  /** Notes a release that is new in a bucket. */
  const index = async (object: RunRecord | RecordPlace): Promise<void> => {
    if (owner === undefined || request.source === undefined) return;
    source ??= request.source();
    await addToIndex(aws, object, { owner, release, publishedAt, ...(await source) }, buckets);
  };
  const reports = await pLimit(AT_ONCE).map(records, async ({ record, isNew, ...object }): Promise<RecordReport> => {
    const at = { bucket: object.bucket, key: object.key };
    if (record === undefined || signal?.aborted) return { ...at, outcome: 'left-out' };
    try {
      const known = await knownAt(object, isNew || force);
      if (request.bundle !== undefined) await putBundle(request.bundle, object, { aws, buckets, force });
      const isKnown = known !== undefined || request.claims?.found.get(claimName(object)) !== undefined;
      const noted = isKnown ? undefined : () => index(object);
      return { ...at, outcome: await put(record, object, known, { aws, buckets, signer, noted }) };
    } catch (error) {
      const { outcome, failure } = failedItem(explain(error));
      return { ...at, outcome, failure };
    }
  });
  tell(reports, request, listener);
  return reports;
}

/** A record that a run leaves, and where. */
interface RunRecord extends RecordPlace {
  /** Whether it is written without a look: something that it covers was uploaded, and it covers no image. */
  readonly isNew: boolean;
  /** Undefined if the run did not bring everything there. */
  readonly record: PublishRecord | undefined;
}

async function recordsOf(
  { release, owner, stacks, destinations, bundle, claims }: RecordRequest,
  aws: AwsClients,
): Promise<RunRecord[]> {
  const byId = new Map(destinations.map((result) => [result.id, result]));
  const places = await recordPlaces(release, stacks, (id) => byId.has(id), aws);
  const records = places.map((place) => {
    const covered = place.ids.map((id) => byId.get(id));
    const published = covered.map((result) => publishedAt(result, place.target.region));
    const isNew =
      covered.some((result) => result?.outcome === 'uploaded' || result?.outcome === 'replaced') &&
      covered.every((result) => result?.kind === 'file');
    const complete = published.every((each) => each !== undefined);
    return { ...place, isNew, record: complete ? recordAt(place, published) : undefined };
  });
  // Without its assembly, such a record would say nothing.
  if (bundle === undefined) return records;
  const isWhole = records.every(({ record }) => record !== undefined);
  const empty = (claims?.empty ?? []).map((place) => {
    return { ...place, isNew: false, record: isWhole ? recordAt(place, []) : undefined };
  });
  return [...records, ...empty];

  function recordAt({ targetName: target }: RecordPlace, published: PublishRecord['destinations']): PublishRecord {
    return { format: RELEASE_FORMAT, release, target, ...(owner !== undefined && { owner }), destinations: published };
  }
}

interface PutDependencies {
  readonly aws: AwsClients;
  readonly buckets: Buckets;
  readonly signer?: ReleaseSigner;
  /** Is done before the record is written: if a run is killed in between, the next one does both. */
  readonly noted?: () => Promise<void>;
}

async function put(
  record: PublishRecord,
  object: BucketObject,
  known: Envelope | undefined,
  { aws, buckets, signer, noted }: PutDependencies,
): Promise<'recorded' | 'unchanged'> {
  const s3 = await aws.s3(object.session);
  const unsigned = { payloadType: RECORD_TYPE, payload: formatRecord(record), signatures: [] };
  if (known?.payload.equals(unsigned.payload) && (signer === undefined || signer.claims(known))) return 'unchanged';
  if (known !== undefined) refuseOtherImages(known, record, object);
  const text = formatEnvelope(signer === undefined ? unsigned : await signer.sign(unsigned));
  await noted?.();
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  try {
    await s3.send(
      new PutObjectCommand({
        ...bucketOf(object),
        Key: object.key,
        Body: text,
        ContentType: 'application/json',
        ChecksumSHA256: hash('sha256', text, 'base64'),
        ...(await buckets.encryption(aws, object)),
      }),
    );
  } catch (error) {
    throw await explainObjectError(aws, object, error);
  }
  return 'recorded';
}

/**
 * An image that is there is not built again to compare it. If this release had another one there before, somebody has
 * replaced it, and a new record would make it right.
 *
 * @throws Failure `ImageReplaced`
 */
function refuseOtherImages({ payload }: Envelope, record: PublishRecord, { bucket, key }: BucketObject): void {
  const where = objectPlace(bucket, key);
  const [account, region] = record.target.split('/') as [string, string];
  let before: PublishRecord;
  try {
    before = parseRecord(payload, where, record);
  } catch {
    // Nobody believes it, and it is about to be replaced.
    return;
  }
  const now = new Map(record.destinations.map((each) => [placeOf(each, region), each]));
  for (const each of before.destinations) {
    const other = now.get(placeOf(each, region));
    if (each.kind !== 'image' || other?.kind !== 'image' || other.digest === each.digest) continue;
    const what =
      `${each.repository}:${each.tag} in ${account}/${each.region ?? region} is not the image that was published of ` +
      `release ${shortRelease(record.release)}: its digest is ${other.digest}, the record ${where} says ${each.digest}`;
    const next =
      'find out who has replaced it, delete that image, and publish again (nx publish <project>); ' +
      '--force records what is there';
    throw new Failure('ImageReplaced', { what, next });
  }
}

function tell(reports: readonly RecordReport[], { release, signing }: RecordRequest, listener: Listener): void {
  const recorded = reports.filter(({ outcome }) => outcome === 'recorded').map(({ bucket }) => bucket);
  if (recorded.length > 0) {
    const where = recorded.length > 3 ? `${recorded.length} buckets` : recorded.join(', ');
    const signed = signing === undefined ? '' : `, signed by ${signing.key}`;
    const text = `Release ${shortRelease(release)} is recorded in ${where}${signed}.`;
    listener({ type: 'message', level: 'info', text });
  }
  for (const text of new Set(reports.flatMap(({ failure }) => failure?.message ?? []))) {
    listener({ type: 'message', level: 'error', text });
  }
}
