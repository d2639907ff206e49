import { hash } from 'node:crypto';
import type { ReleaseSigning } from '@libs/environments';
import pLimit from 'p-limit';
import type { AssemblyStack } from '../assembly/index.ts';
import { type AwsClients, explain, isAccessDenied } from '../aws/index.ts';
import {
  type BucketObject,
  Buckets,
  bucketOf,
  type DestinationReport,
  explainObjectError,
} from '../destinations/index.ts';
import { Failure, type ReportedFailure } from '../failure/index.ts';
import { failedItem, type Listener } from '../progress/index.ts';
import { type Envelope, formatEnvelope, parseEnvelope, RECORD_TYPE } from './envelope.ts';
import type { PublishRecord } from './model.ts';
import { textOf } from './read-records.ts';
import { formatRecord, objectPlace, parseRecord, placeOf, recordKey } from './record.ts';
import { recordsOfRun, type RunRecord } from './run-records.ts';
import { ReleaseSigner } from './signing.ts';
import { shortRelease } from './verify.ts';

/** Buckets asked at a time. */
const AT_ONCE = 50;

/** What a publishing run was about, and what came of it. */
export interface RecordRequest {
  /** Digest of the release that was published. */
  readonly release: string;
  /** The stacks that the run was about. */
  readonly stacks: readonly AssemblyStack[];
  /** What came of each destination. */
  readonly destinations: readonly DestinationReport[];
  /** @default - records are not signed */
  readonly signing?: ReleaseSigning;
  /** Writes, and signs, without looking at what is there. @default false */
  readonly force?: boolean;
}

export interface RecordDependencies {
  readonly aws: AwsClients;
  readonly listener: Listener;
  /** Starts nothing new once it fires. */
  readonly signal?: AbortSignal;
  /** What the publishing run has found out about them. @default - they are asked again */
  readonly buckets?: Buckets;
}

/** What came of the record of one bucket. Plain data. */
export interface RecordReport {
  readonly bucket: string;
  readonly key: string;
  /** `left-out`: not everything that the record would cover is there, as the report of the run tells. */
  readonly outcome: 'recorded' | 'unchanged' | 'left-out' | 'failed';
  readonly failure?: ReportedFailure;
}

/**
 * Leaves a record of a publishing run in each bucket that holds templates: which release it was, and what every
 * destination of its stacks holds now. Each is written by the role that published the templates there, and signed by
 * the caller.
 *
 * Costs one request a bucket: if nothing has changed, what is there and says the same is neither written nor signed
 * again; if something was uploaded, it is written without a look.
 *
 * Does not throw for a bucket: see `failure` of its report, which the listener hears as well.
 */
export async function recordPublished(
  request: RecordRequest,
  { aws, listener, signal, buckets = new Buckets() }: RecordDependencies,
): Promise<RecordReport[]> {
  const { release, signing } = request;
  const records = await recordsOfRun(release, request.stacks, request.destinations, aws);
  const signer = signing && new ReleaseSigner(aws, signing);
  const limit = pLimit(AT_ONCE);
  const reports = await Promise.all(
    records.map((each) =>
      limit(async (): Promise<RecordReport> => {
        const at = { bucket: each.bucket, key: recordKey(release, each.ids) };
        if (each.record === undefined || signal?.aborted) return { ...at, outcome: 'left-out' };
        const options = { aws, buckets, signer, force: request.force };
        return put({ ...each, key: at.key }, options).then(
          (outcome) => ({ ...at, outcome }),
          (error: unknown) => ({ ...at, ...failedItem(explain(error)), detail: undefined }),
        );
      }),
    ),
  );
  tell(reports, request, listener);
  return reports;
}

interface PutOptions {
  readonly aws: AwsClients;
  readonly buckets: Buckets;
  readonly signer: ReleaseSigner | undefined;
  readonly force: boolean | undefined;
}

async function put(
  { record, isNew, ...object }: RunRecord & BucketObject,
  { aws, buckets, signer, force }: PutOptions,
): Promise<'recorded' | 'unchanged'> {
  const s3 = await aws.s3(object.session);
  const unsigned = { payloadType: RECORD_TYPE, payload: formatRecord(record!), signatures: [] };
  const known = force || isNew ? undefined : await read(aws, object);
  if (known?.payload.equals(unsigned.payload) && (signer === undefined || signer.claims(known))) return 'unchanged';
  if (known !== undefined) refuseOtherImages(known, record!, object);
  const text = formatEnvelope(signer === undefined ? unsigned : await signer.sign(unsigned));
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

/** The record that is there; undefined if there is none that can be read, so that it is written. */
async function read(aws: AwsClients, object: BucketObject): Promise<Envelope | undefined> {
  try {
    return parseEnvelope(await textOf(aws, object), objectPlace(object.bucket, object.key));
  } catch (error) {
    // A role that may not list a bucket is told 403 for what is not there.
    const isNone = (error as Error).name === 'NoSuchKey' || isAccessDenied(error) || error instanceof Failure;
    if (isNone) return undefined;
    throw await explainObjectError(aws, object, error);
  }
}

/**
 * Nobody builds an image that is there to see whether it is the right one. If this very release had another one there
 * before, somebody has replaced it, and recording it again would make it right.
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
    // It is not believed by anybody, and about to be replaced.
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
  const sentences = new Set(reports.flatMap(({ failure }) => (failure === undefined ? [] : [failure.message])));
  for (const text of sentences) listener({ type: 'message', level: 'error', text });
}
