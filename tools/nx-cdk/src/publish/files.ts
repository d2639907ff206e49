import pLimit from 'p-limit';
import { IN_MEMORY_LIMIT } from '../archives/index.ts';
import type { DestinationReport, FileDestination } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import { Absences } from './absences.ts';
import { ByteBudget } from './byte-budget.ts';
import { type Content, type ContentLimits, prepare } from './content.ts';
import { interrupted } from './failures.ts';
import { INTERRUPTED, Item, type Result, type RunContext } from './item.ts';
import { type Found, inspect, upload } from './object.ts';
import type { Claim, Work } from './work-list.ts';

/** How much content is held in memory at a time, over all assets. In bytes. */
const HELD = 8 * IN_MEMORY_LIMIT;

/**
 * How much is transferred at a time: TLS keeps an encrypted copy of what was not sent yet, and what is compared is
 * held. In bytes.
 */
const TRANSFERS = 8 * IN_MEMORY_LIMIT;

/** Brings files to their buckets. */
export class FileRun {
  readonly #context: RunContext;
  readonly #limits: ContentLimits;
  readonly #upload: ReturnType<typeof pLimit>;
  readonly #sources: ReturnType<typeof pLimit>;
  readonly #transfers = new ByteBudget(TRANSFERS);
  readonly #absences: Absences;

  constructor(context: RunContext, destinations: readonly FileDestination[]) {
    const { build, zip, upload } = context.limits;
    this.#context = context;
    this.#absences = new Absences(destinations);
    const held = new ByteBudget(HELD);
    this.#limits = { build: pLimit(build), zip: pLimit(zip), reserve: (bytes) => held.take(bytes) };
    this.#upload = pLimit(upload);
    // Enough sources to keep the network busy while further ones are read, and no more than that.
    this.#sources = pLimit(upload + zip + build);
  }

  /** Makes one source ready and brings it to each of its destinations. Does not throw. */
  work({ asset, claims }: Work<FileDestination>): Promise<DestinationReport[]> {
    const items = claims.map((claim) => new Item(claim, this.#context));
    return this.#sources(async () => {
      try {
        if (this.#context.signal?.aborted) throw interrupted();
        await using content = await prepare(asset.source, this.#workingDirectory, this.#limits);
        this.#context.request.accept?.(asset.source, content.digest);
        await this.#upload.map(items, (item) => this.#bring(content, item));
      } catch (error) {
        for (const item of items) item.fail(error);
      }
      return Promise.all(items.map((item) => item.report()));
    });
  }

  /** Brings content to one destination. Does not throw. */
  async #bring(content: Content, item: Item<FileDestination>): Promise<void> {
    if (this.#context.signal?.aborted) return item.finish(INTERRUPTED);
    item.start();
    const facts = { bytes: content.size, sha256: content.sha256 };
    try {
      item.finish({ ...facts, ...(await this.#put(content, item)) });
    } catch (error) {
      item.fail(error, facts);
    }
  }

  async #put(content: Content, item: Item<FileDestination>): Promise<Result> {
    const { destination } = item;
    const { aws, buckets, request } = this.#context;
    await this.#refuseRivals(content, item.claim);
    const found = request.force ? undefined : await this.#look(content, destination);
    if (found?.state === 'same') {
      const { detail, versionId, sha256 } = found;
      return { outcome: 'unchanged', detail, versionId, sha256 };
    }
    if (request.dryRun) {
      // Tells a missing bucket from a missing object: HEAD answers both alike.
      await buckets.encryption(aws, destination);
      return { outcome: 'planned', detail: planned(found) };
    }
    if (this.#context.signal?.aborted) return INTERRUPTED;
    item.step('uploading', { total: content.size });
    using _room = await this.#transfers.take(content.buffer?.length ?? 0);
    const versionId = await upload(aws, destination, content, { buckets, found });
    if (found?.state !== 'different') return { outcome: 'uploaded', versionId };
    item.message('warning', `${destination.place} held the wrong content (${found.detail}) and was replaced.`);
    return { outcome: 'replaced', detail: found.detail, versionId };
  }

  async #look(content: Content, destination: FileDestination): Promise<Found> {
    const { aws } = this.#context;
    if (await this.#absences.show(aws, destination)) return { state: 'absent' };
    const found = await inspect(aws, destination, content, this.#transfers);
    if (found.state === 'absent') this.#absences.missed(destination);
    return found;
  }

  /** Two sources may claim the same object as long as they have the same content. */
  async #refuseRivals(content: Content, { destination, rivals }: Claim<FileDestination>): Promise<void> {
    for (const { source } of rivals) {
      // Waits for no memory: what holds memory of the budget must not wait for what waits for memory.
      const unlimited: ContentLimits = { ...this.#limits, zip: (work) => work(), reserve: async () => undefined };
      await using other = await prepare(source, this.#workingDirectory, unlimited);
      if (other.sha256 === content.sha256) continue;
      const what = `Two assets of different content go to ${destination.place}`;
      throw new Failure('AssetConflict', { what, next: 'give them different keys and synthesize again' });
    }
  }

  get #workingDirectory(): string {
    return this.#context.request.workingDirectory ?? process.cwd();
  }
}

/** What would be done, for a dry run. */
function planned(found: Found | undefined): string {
  if (found?.state === 'different') return `would be replaced: ${found.detail}`;
  if (found?.state === 'hidden') return 'would be uploaded, unless it is there: it may not be looked at';
  return 'would be uploaded';
}
