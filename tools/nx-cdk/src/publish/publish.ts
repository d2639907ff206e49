import type { AwsClients } from '../aws/index.ts';
import { Buckets, type DestinationReport, destinationsOf } from '../destinations/index.ts';
import { type Listener, Run } from '../progress/index.ts';
import { FileRun } from './files.ts';
import { ImageRun } from './images.ts';
import type { PublishReport, PublishRequest, Totals } from './request.ts';
import { workList } from './work-list.ts';

/** What the engine works with. */
export interface PublishDependencies {
  readonly aws: AwsClients;
  readonly listener: Listener;
  /** Ends the run early: uploads that run come to their end, nothing new starts. */
  readonly signal?: AbortSignal;
  /** What is known about the buckets, to be shared with what writes to them afterwards. @default - asked when needed */
  readonly buckets?: Buckets;
}

/**
 * Puts every asset where its stacks expect it: each is read, zipped and hashed once, each destination is looked at once
 * (or is known to be empty by a listing, see `Absences`), and only what is not there, or is not what it should be, is
 * uploaded. One that fails does not stop the others.
 *
 * Container images are built once, and the same bytes go to every repository: see `ImageRun`.
 *
 * Each destination is reached with its own publishing role and no other; without a role, with the caller's credentials.
 *
 * Does not throw for an asset or a destination: see `failure` of its report.
 *
 * @throws Failure if the account or region of the caller is needed and cannot be found out
 */
export async function publish(request: PublishRequest, dependencies: PublishDependencies): Promise<PublishReport> {
  const { aws, listener, signal, buckets = new Buckets() } = dependencies;
  const { files, images } = await destinationsOf({ images: [], ...request }, aws);
  const [fileWork, imageWork] = [workList(files), workList(images)];
  const destinations = [...fileWork, ...imageWork].flatMap(({ claims }) => claims.map((claim) => claim.destination));
  const targets = new Set(destinations.map(({ targetName }) => targetName));
  const what = `${fileWork.length + imageWork.length} assets to ${destinations.length} places`;
  const subject = request.subject ?? `${what} in ${targets.size} targets`;
  const run = new Run({ listener, signal, action: 'publish', subject, noun: 'asset', items: destinations.length });

  const context = { run, aws, listener, signal };
  const fileRun = new FileRun(request, context, buckets, files);
  const imageRun = new ImageRun(request, context);
  const reports = await Promise.all([
    ...fileWork.map((work) => fileRun.work(work)),
    ...imageWork.map((work) => imageRun.work(work)),
  ]);
  const { success, interrupted, milliseconds } = run.finish();
  return { success, interrupted, destinations: reports.flat(), totals: totalsOf(reports.flat(), milliseconds / 1000) };
}

/** Counts what came of a run. */
function totalsOf(destinations: readonly DestinationReport[], seconds: number): Totals {
  const count = (outcome: DestinationReport['outcome']) =>
    destinations.filter((each) => each.outcome === outcome).length;
  const sent = destinations.filter(({ outcome }) => outcome === 'uploaded' || outcome === 'replaced');
  return {
    destinations: destinations.length,
    uploaded: count('uploaded'),
    unchanged: count('unchanged'),
    replaced: count('replaced'),
    planned: count('planned'),
    skipped: count('skipped'),
    failed: count('failed'),
    bytesUploaded: sent
      .map((each) => (each.kind === 'image' ? each.bytesSent : undefined) ?? each.bytes ?? 0)
      .reduce((sum, bytes) => sum + bytes, 0),
    seconds,
  };
}
