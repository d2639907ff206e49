import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type { ImageAsset } from '../assembly/index.ts';
import { type AwsClients, explain } from '../aws/index.ts';
import type { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import { readImageArchive } from './image-archive.ts';
import { buildImage, BuildFailure } from './image-build.ts';
import { conflict, differing, irreproducible, overtaken } from './image-failures.ts';
import { ImageItem, type ImageResult, INTERRUPTED } from './image-item.ts';
import type { ImageWork } from './image-list.ts';
import { digestAt } from './image-lookup.ts';
import { findImageTool, type ImageTool } from './image-tool.ts';
import { pullImage, pushImage } from './image-transfer.ts';
import type { LocalImage } from './local-image.ts';
import { interrupted, Registries, RegistryRefusal } from './registry.ts';
import type { DestinationReport, Limits } from './request.ts';

/** Images built at a time where no limit is set: a build uses many cores on its own. */
const BUILT_AT_ONCE = 2;

export interface ImageRunOptions {
  readonly aws: AwsClients;
  readonly listener: Listener;
  readonly signal?: AbortSignal;
  readonly limits: Limits;
  readonly dryRun: boolean;
}

/** What came of looking at one destination. */
interface Seen {
  readonly item: ImageItem;
  readonly digest?: string | undefined;
  readonly failure?: Failure;
}

type Present = Seen & { readonly digest: string };

/** An image, and how it was come by. */
interface Obtained {
  readonly image: LocalImage;
  readonly how: 'built' | 'copied';
  readonly detail?: string;
}

/**
 * Brings images to their repositories: each is built once, and the same bytes go everywhere. Where one destination has
 * an image, that is the image, and the others get a copy of it; a second build might be another one.
 */
export class ImageRun {
  readonly #options: ImageRunOptions;
  readonly #registries: Registries;
  readonly #builds: ReturnType<typeof pLimit>;
  readonly #transfers: ReturnType<typeof pLimit>;
  #tool: Promise<ImageTool> | undefined;

  constructor(options: ImageRunOptions) {
    this.#options = options;
    this.#registries = new Registries(options);
    this.#builds = pLimit(Math.min(BUILT_AT_ONCE, options.limits.build));
    this.#transfers = pLimit(options.limits.upload);
  }

  /** One image, to all of its destinations. Does not throw. */
  async work({ image, destinations, claimedTwice }: ImageWork): Promise<DestinationReport[]> {
    const items = destinations.map((destination) => new ImageItem(destination, this.#options.listener));
    if (this.#aborted) return items.map((item) => item.finish(INTERRUPTED));
    const seen = await Promise.all(items.map((item) => this.#transfers(() => this.#look(item, claimedTwice))));
    for (const { item, failure } of seen) if (failure) item.finish(this.#failed(item, failure));
    const present = seen.filter((each): each is Present => each.digest !== undefined);
    const absent = seen.filter(({ digest, failure }) => !digest && !failure).map(({ item }) => item);
    if (new Set(present.map(({ digest }) => digest)).size > 1) {
      const failure = differing(present.map(({ item, digest }) => [item.destination, digest]));
      for (const { item, digest } of present) item.finish({ ...this.#failed(item, failure), digest });
      for (const item of absent) item.finish(this.#failed(item, failure));
    } else {
      for (const { item, digest } of present) item.finish({ outcome: 'unchanged', digest });
      if (absent.length > 0) await this.#fill(image, absent, present);
    }
    return items.map((item) => item.report);
  }

  /** Brings the image to those that lack it. */
  async #fill(image: ImageAsset, absent: readonly ImageItem[], present: readonly Present[]): Promise<void> {
    if (this.#options.dryRun) {
      const [source] = present;
      const detail = source ? `would be copied from ${source.item.where}` : 'would be built and uploaded';
      for (const item of absent) item.finish({ outcome: 'planned', detail });
      return;
    }
    const folder = await mkdtemp(join(tmpdir(), 'nx-cdk-image-'));
    for (const { destination } of absent) this.#registries.prepare(destination);
    try {
      const obtained = await this.#obtain(image, absent, present, folder);
      await Promise.all(
        absent.map((item) =>
          this.#transfers(async () =>
            item.finish(await this.#push(item, obtained).catch((error: unknown) => this.#failed(item, error))),
          ),
        ),
      );
    } catch (error) {
      // What the builder said stands once, and not below each destination.
      for (const [index, item] of absent.entries()) item.finish(this.#failed(item, error, index === 0));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #look(item: ImageItem, claimedTwice: ReadonlySet<string>): Promise<Seen> {
    item.start();
    const { destination } = item;
    if (claimedTwice.has(destination.id)) return { item, failure: conflict(destination) };
    try {
      return { item, digest: await digestAt(this.#options.aws, destination) };
    } catch (error) {
      return { item, failure: explain(error) };
    }
  }

  /** The image of a destination that has it; built where none has it, or none lets it be read. */
  async #obtain(
    image: ImageAsset,
    absent: readonly ImageItem[],
    present: readonly Present[],
    folder: string,
  ): Promise<Obtained> {
    let refusal: unknown;
    for (const { item: source, digest } of present) {
      for (const item of absent) item.step(`reading the image of ${source.where}`);
      try {
        const copy = await pullImage(this.#registries, source.destination, digest, folder);
        return { image: copy, how: 'copied', detail: `copied from ${source.where}` };
      } catch (error) {
        if (explain(error).code !== 'AccessDenied') throw error;
        refusal = error;
      }
    }
    const built = await this.#build(image, absent, folder);
    const [there] = present;
    if (there && built.digest !== there.digest)
      throw irreproducible(there.item.destination, there.digest, built.digest, refusal);
    return { image: built, how: 'built' };
  }

  async #build(image: ImageAsset, items: readonly ImageItem[], folder: string): Promise<LocalImage> {
    const { signal } = this.#options;
    for (const item of items) item.step('waiting for its build');
    return this.#builds(async () => {
      if (this.#aborted) throw interrupted();
      const tool = await (this.#tool ??= findImageTool());
      for (const item of items) item.step(`building with ${tool.program.split('/').at(-1)}`, true);
      const archive = await buildImage(image, tool, folder, {
        ...(signal ? { signal } : {}),
        onLine: (line) => {
          this.#options.listener({ type: 'message', level: 'debug', id: items[0]!.destination.id, text: line });
          for (const item of items) item.step(`building: ${line}`);
        },
      });
      for (const item of items) item.step('compressing its layers');
      return readImageArchive(archive, folder);
    });
  }

  /** Sends the image, and reads its digest back from the repository. */
  async #push(item: ImageItem, { image, how, detail }: Obtained): Promise<ImageResult> {
    if (this.#aborted) return INTERRUPTED;
    const { aws } = this.#options;
    item.step('uploading', false, 0, image.size);
    const facts = { digest: image.digest, bytes: image.size, obtained: how };
    let bytesSent = 0;
    try {
      const sent = await pushImage(aws, this.#registries, item.destination, image, (bytes) => {
        bytesSent = bytes;
        item.step('uploading', false, bytes, image.size);
      });
      bytesSent = sent.bytes;
    } catch (error) {
      // The tag is taken: by somebody who was faster. With the same image all is well.
      if (!(error instanceof RegistryRefusal) || !/^TAG_|^MANIFEST_INVALID$/.test(error.registryCode)) throw error;
      const there = await digestAt(aws, item.destination);
      if (there === undefined) throw error;
      if (there === image.digest) return { ...facts, outcome: 'unchanged', bytesSent };
      throw overtaken(item.destination, there, image.digest);
    }
    const there = await digestAt(aws, item.destination);
    if (there !== image.digest) throw overtaken(item.destination, there ?? 'nothing', image.digest);
    return { ...facts, outcome: 'uploaded', bytesSent, ...(detail ? { detail } : {}) };
  }

  #failed(item: ImageItem, error: unknown, withLines = true): ImageResult {
    const { code, message, cause, stack } = explain(error);
    if (code === 'Interrupted') return INTERRUPTED;
    const text = (cause instanceof Error ? cause.stack : undefined) ?? stack ?? message;
    this.#options.listener({ type: 'message', level: 'debug', id: item.destination.id, text });
    const lines = withLines && error instanceof BuildFailure ? error.lines : [];
    return { outcome: 'failed', detail: message, failure: { code, message }, ...(lines.length > 0 ? { lines } : {}) };
  }

  get #aborted(): boolean {
    return this.#options.signal?.aborted ?? false;
  }
}
