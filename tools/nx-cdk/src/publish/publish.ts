import type { S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { type AwsClients, Buckets, explain } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import { Absences } from './absences.ts';
import { ByteBudget } from './byte-budget.ts';
import { IN_MEMORY_LIMIT, prepare, type Content, type ContentLimits } from './content.ts';
import { imageList, type ImageDestination, type ImageWork } from './image-list.ts';
import { ImageRun } from './images.ts';
import { inspect, upload, type Found } from './object.ts';
import { summarize, totalsOf } from './report.ts';
import { defaultLimits, type DestinationReport, type PublishReport, type PublishRequest } from './request.ts';
import { workList, type Conflict, type Destination, type Work, type WorkList } from './work-list.ts';

/** How much content is held in memory at a time, over all assets. In bytes. */
const HELD = 8 * IN_MEMORY_LIMIT;

/**
 * How much is on its way at a time: TLS keeps an encrypted copy of what was not sent yet, and what is compared is held.
 * In bytes.
 */
const TRANSFERS = 8 * IN_MEMORY_LIMIT;

/** What the engine works with. */
export interface PublishDependencies {
  readonly aws: AwsClients;
  readonly listener: Listener;
  /** Ends the run early: uploads that run come to their end, nothing new starts. */
  readonly signal?: AbortSignal;
  /**
   * What is known about the buckets, to be shared with whoever writes to them afterwards. @default - asked when needed
   */
  readonly buckets?: Buckets;
}

/**
 * Puts every asset where its stacks expect it: each is read, zipped and hashed once, each destination is looked at once
 * (or is known to be empty by a listing, see `Absences`), and only what is not there, or is not what it should be, is
 * uploaded. One that fails does not stop the others.
 *
 * Container images are built once, and the same bytes go to every repository: see `ImageRun`.
 *
 * Each destination is spoken to with its own publishing role and no other; without a role, with the caller's
 * credentials.
 *
 * Does not throw for an asset or a destination: see `failure` of its report.
 *
 * @throws Failure where the account or region of the caller is needed and cannot be found out
 */
export async function publish(request: PublishRequest, dependencies: PublishDependencies): Promise<PublishReport> {
  const started = performance.now();
  const list = await workList(request.files, dependencies.aws);
  const images = await imageList(request.images ?? [], dependencies.aws);
  const run = new Run(request, dependencies, list);
  const limits = { ...defaultLimits(), ...request.limits };
  const imageRun = new ImageRun({ ...dependencies, limits, dryRun: request.dryRun ?? false });
  run.begin([...list.work, ...images]);
  const [files, pushed] = await Promise.all([
    Promise.all(list.work.map((work) => run.work(work))),
    Promise.all(images.map((work) => imageRun.work(work))),
  ]);
  const destinations = [...files.flat(), ...pushed.flat()];
  const totals = totalsOf(destinations, (performance.now() - started) / 1000);
  const interrupted = dependencies.signal?.aborted ?? false;
  const success = totals.failed === 0 && totals.skipped === 0;
  dependencies.listener({
    type: 'run-finished',
    success,
    summary: summarize(totals, interrupted),
    milliseconds: Math.round(totals.seconds * 1000),
  });
  return { success, interrupted, destinations, totals };
}

/** One run: its limits, and what its parts share. */
class Run {
  readonly #request: PublishRequest;
  readonly #dependencies: PublishDependencies;
  readonly #conflicts: ReadonlyMap<string, Conflict>;
  readonly #limits: ContentLimits;
  readonly #upload: ReturnType<typeof pLimit>;
  readonly #sources: ReturnType<typeof pLimit>;
  readonly #transfers = new ByteBudget(TRANSFERS);
  readonly #buckets: Buckets;
  readonly #absences: Absences;

  constructor(request: PublishRequest, dependencies: PublishDependencies, { work, conflicts }: WorkList) {
    this.#request = request;
    this.#absences = new Absences(work);
    this.#buckets = dependencies.buckets ?? new Buckets();
    this.#dependencies = dependencies;
    this.#conflicts = new Map(conflicts.map((conflict) => [conflict.destination.id, conflict]));
    const limits = { ...defaultLimits(), ...request.limits };
    const held = new ByteBudget(HELD);
    this.#limits = { build: pLimit(limits.build), zip: pLimit(limits.zip), reserve: (bytes) => held.take(bytes) };
    this.#upload = pLimit(limits.upload);
    // Enough sources at hand to keep the network busy while further ones are read, and no more than that.
    this.#sources = pLimit(limits.upload + limits.zip + limits.build);
  }

  begin(work: readonly (Work | ImageWork)[]): void {
    const { listener } = this.#dependencies;
    const destinations = work.flatMap((each): readonly (Destination | ImageDestination)[] => each.destinations);
    const accounts = new Set(destinations.map(({ target }) => `${target.account}/${target.region}`));
    const subject =
      this.#request.subject ?? `${work.length} assets to ${destinations.length} places in ${accounts.size} targets`;
    listener({ type: 'run-started', action: 'publish', items: destinations.length, subject });
  }

  /** Makes one source ready and brings it to each of its destinations. */
  work({ source, destinations }: Work): Promise<DestinationReport[]> {
    return this.#sources(async () => {
      if (this.#aborted) return destinations.map((destination) => this.#skipped(destination));
      let content: Content;
      try {
        content = await prepare(source, this.#workingDirectory, this.#limits);
      } catch (error) {
        return destinations.map((destination) => this.#unprepared(destination, error));
      }
      try {
        this.#request.accept?.(source, content.digest);
      } catch (error) {
        await content.dispose();
        return destinations.map((destination) => this.#unprepared(destination, error));
      }
      try {
        return await Promise.all(destinations.map((each) => this.#upload(() => this.#bring(content, each))));
      } finally {
        await content.dispose();
      }
    });
  }

  /** Brings content to one destination, and says so. Does not throw. */
  async #bring(content: Content, destination: Destination): Promise<DestinationReport> {
    if (this.#aborted) return this.#skipped(destination);
    const started = performance.now();
    this.#start(destination);
    const facts = { bytes: content.size, sha256: content.sha256 };
    try {
      return this.#finish(destination, started, { ...facts, ...(await this.#put(content, destination)) });
    } catch (error) {
      return this.#finish(destination, started, { ...facts, ...this.#failure(destination, error) });
    }
  }

  async #put(content: Content, destination: Destination): Promise<Result> {
    const { aws, listener } = this.#dependencies;
    const { dryRun, force } = this.#request;
    await this.#refuseConflict(content, destination);
    const s3 = await aws.s3(destination.session);
    const found = force ? undefined : await this.#look(s3, content, destination);
    if (found?.state === 'same') {
      const { detail, versionId, sha256 } = found;
      return { outcome: 'unchanged', detail, versionId, sha256 };
    }
    if (dryRun) {
      // Tells a bucket that is not there from an object that is not there: HEAD answers both alike.
      await this.#buckets.encryption(s3, destination);
      return plan(found);
    }
    if (this.#aborted) return INTERRUPTED;
    this.#step(destination, 'uploading', content.size);
    const sent = await this.#transfers.take(content.buffer?.length ?? 0);
    try {
      const versionId = await upload(s3, destination, content, { buckets: this.#buckets, found });
      if (found?.state !== 'different') return { outcome: 'uploaded', versionId };
      const { bucket, key } = destination;
      const text = `s3://${bucket}/${key} held the wrong content (${found.detail}) and was replaced.`;
      listener({ type: 'message', level: 'warning', id: destination.id, text });
      return { outcome: 'replaced', detail: found.detail, versionId };
    } finally {
      sent();
    }
  }

  async #look(s3: S3Client, content: Content, destination: Destination): Promise<Found> {
    if (await this.#absences.show(s3, destination)) return { state: 'absent' };
    const found = await inspect(s3, destination, content, this.#transfers);
    if (found.state === 'absent') this.#absences.missed(destination);
    return found;
  }

  /** Two sources may claim the same object as long as they have the same content. */
  async #refuseConflict(content: Content, destination: Destination): Promise<void> {
    const [, ...others] = this.#conflicts.get(destination.id)?.sources ?? [];
    for (const source of others) {
      // Waits for nobody: whoever holds memory of the budget must not wait for those who wait for memory.
      const unlimited = { build: this.#limits.build, zip: atOnce, reserve: async () => () => {} };
      const other = await prepare(source, this.#workingDirectory, unlimited);
      await other.dispose();
      if (other.sha256 !== content.sha256)
        throw new Failure(
          'AssetConflict',
          `Two assets of different content go to s3://${destination.bucket}/${destination.key}: give them different keys and synthesize again.`,
        );
    }
  }

  get #workingDirectory(): string {
    return this.#request.workingDirectory ?? process.cwd();
  }

  get #aborted(): boolean {
    return this.#dependencies.signal?.aborted ?? false;
  }

  #unprepared(destination: Destination, error: unknown): DestinationReport {
    this.#start(destination);
    return this.#finish(destination, performance.now(), this.#failure(destination, error));
  }

  #skipped(destination: Destination): DestinationReport {
    this.#start(destination);
    return this.#finish(destination, performance.now(), INTERRUPTED);
  }

  /** One sentence for the report; what the sentence leaves out is for those who debug. */
  #failure({ id }: Destination, error: unknown): Result {
    const { code, message, cause } = explain(error);
    const text = (cause instanceof Error ? cause.stack : undefined) ?? (error as Error).stack ?? message;
    this.#dependencies.listener({ type: 'message', level: 'debug', id, text });
    return { outcome: 'failed', detail: message, failure: { code, message } };
  }

  #start({ id, label, target }: Destination): void {
    const where = `${target.account}/${target.region}`;
    this.#dependencies.listener({ type: 'item-started', id, label, where });
  }

  #step({ id }: Destination, step: string, total: number): void {
    this.#dependencies.listener({ type: 'item-progress', id, step, total });
  }

  #finish(destination: Destination, started: number, result: Result): DestinationReport {
    const milliseconds = Math.round(performance.now() - started);
    const { outcome, detail } = result;
    this.#dependencies.listener({ type: 'item-finished', id: destination.id, outcome, detail, milliseconds });
    const { id, assetId, displayName, label, bucket, key, target, stacks } = destination;
    const named = { id, assetId, displayName, label, bucket, key, stacks };
    return { kind: 'file', ...named, ...target, ...result, seconds: milliseconds / 1000 };
  }
}

type Result = Pick<DestinationReport, 'outcome' | 'detail' | 'versionId' | 'bytes' | 'sha256' | 'failure'>;

const INTERRUPTED: Result = { outcome: 'skipped', detail: 'interrupted: publish again to go on' };

const atOnce = <T>(work: () => Promise<T>): Promise<T> => work();

function plan(found: Found | undefined): Result {
  if (found?.state === 'different') return { outcome: 'planned', detail: `would be replaced: ${found.detail}` };
  if (found?.state === 'hidden')
    return { outcome: 'planned', detail: 'would be uploaded, unless it is there: it may not be looked at' };
  return { outcome: 'planned', detail: 'would be uploaded' };
}
