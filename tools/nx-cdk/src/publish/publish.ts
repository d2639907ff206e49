import { availableParallelism } from 'node:os';
import { Buckets, type DestinationReport, destinationsOf } from '../destinations/index.ts';
import { count, Run } from '../progress/index.ts';
import { requireAllowed } from './allowed.ts';
import { FileRun } from './files.ts';
import { ImageRun } from './images.ts';
import { COUNTED, type PublishDependencies, type PublishReport, type PublishRequest, type Totals } from './request.ts';
import { workList } from './work-list.ts';

/**
 * Puts every asset where its stacks expect it. Each is read, zipped or built, and hashed once. Each destination is
 * looked at once (or is known to be empty by a listing, see `Absences`), with its own publishing role or, if it names
 * none, the caller's credentials. Only what is missing or wrong is uploaded.
 *
 * A destination that fails does not stop the others: see `failure` of its report.
 *
 * @throws Failure `NotAllowed` if an asset asks for what `allow` does not name; if the account or region of the caller
 * is needed and cannot be found out
 */
export async function publish(request: PublishRequest, dependencies: PublishDependencies): Promise<PublishReport> {
  const { aws, listener, signal, buckets = new Buckets() } = dependencies;
  requireAllowed({ images: [], ...request }, request.allow ?? []);
  const { files, images } = await destinationsOf({ images: [], ...request }, aws);
  const [fileWork, imageWork] = [workList(files), workList(images)];
  const items = [...fileWork, ...imageWork].reduce((sum, { claims }) => sum + claims.length, 0);
  const { subject = count(items, 'asset') } = request;
  const run = new Run({ listener, signal, action: 'publish', subject, noun: 'asset', items });
  const cores = availableParallelism();
  const { build = Math.max(1, Math.floor(cores / 2)), zip = cores, upload = 50 } = request.limits ?? {};
  const context = { aws, listener, signal, buckets, run, request, limits: { build, zip, upload } };
  const fileRun = new FileRun(context, files);
  const imageRun = new ImageRun(context);
  const reports = await Promise.all([
    ...fileWork.map((work) => fileRun.work(work)),
    ...imageWork.map((work) => imageRun.work(work)),
  ]);
  const { success, interrupted, milliseconds } = run.finish();
  return { success, interrupted, destinations: reports.flat(), totals: totalsOf(reports.flat(), milliseconds / 1000) };
}

function totalsOf(destinations: readonly DestinationReport[], seconds: number): Totals {
  const counts = COUNTED.map((each) => [each, destinations.filter(({ outcome }) => outcome === each).length] as const);
  const sent = destinations
    .filter(({ outcome }) => outcome === 'uploaded' || outcome === 'replaced')
    .map((each) => (each.kind === 'image' ? each.bytesSent : undefined) ?? each.bytes ?? 0);
  return {
    destinations: destinations.length,
    ...(Object.fromEntries(counts) as Record<(typeof COUNTED)[number], number>),
    bytesUploaded: sent.reduce((sum, bytes) => sum + bytes, 0),
    seconds,
  };
}
