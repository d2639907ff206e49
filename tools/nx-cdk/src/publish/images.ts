import { temporaryFolder } from '../archives/index.ts';
import pLimit from 'p-limit';
import { type ImageAsset, imageContentDigest } from '../assembly/index.ts';
import { explain } from '../aws/index.ts';
import { type DestinationReport, type ImageDestination, lookAtImage } from '../destinations/index.ts';
import { findImageTool } from '../image-tool/index.ts';
import { conflict, differing, interrupted, irreproducible, overtaken } from './failures.ts';
import { readImageArchive } from './image-archive.ts';
import { buildImage } from './image-build.ts';
import { pullImage, pushImage } from './image-transfer.ts';
import { INTERRUPTED, Item, type Result, type RunContext } from './item.ts';
import type { LocalImage } from './local-image.ts';
import { Registries, RegistryRefusal } from './registry.ts';
import type { Work } from './work-list.ts';

/** Images built at a time if no limit is set: a build uses many cores on its own. */
const BUILT_AT_ONCE = 2;

type ImageItem = Item<ImageDestination>;

/** A destination that has the image. */
interface Present {
  readonly item: ImageItem;
  readonly digest: string;
}

/** An image, and where it comes from. */
interface Obtained {
  readonly image: LocalImage;
  readonly how: 'built' | 'copied';
  readonly detail?: string;
}

/**
 * Brings images to their repositories: each is built once, and the same bytes go everywhere. If one destination has an
 * image, the others get a copy of it; a second build might be another one.
 */
export class ImageRun {
  readonly #context: RunContext;
  readonly #registries: Registries;
  readonly #builds: ReturnType<typeof pLimit>;
  readonly #transfers: ReturnType<typeof pLimit>;
  #tool: Promise<string> | undefined;

  constructor(context: RunContext) {
    this.#context = context;
    this.#registries = new Registries(context);
    this.#builds = pLimit(Math.min(BUILT_AT_ONCE, context.limits.build));
    this.#transfers = pLimit(context.limits.upload);
  }

  /** One image, to all of its destinations. Does not throw. */
  async work({ asset, claims }: Work<ImageDestination>): Promise<DestinationReport[]> {
    const items = claims.map((claim) => new Item(claim, this.#context));
    const looks = (await this.#transfers.map(items, (item) => this.#look(item))).filter((look) => look !== undefined);
    const present = looks.filter((look): look is Present => look.digest !== undefined);
    const absent = looks.filter(({ digest }) => digest === undefined).map(({ item }) => item);
    if (new Set(present.map(({ digest }) => digest)).size > 1) {
      const failure = differing(present.map(({ item, digest }) => [item.destination, digest]));
      for (const { item, digest } of present) item.fail(failure, { digest });
      for (const item of absent) item.fail(failure);
    } else {
      for (const { item, digest } of present) item.finish({ outcome: 'unchanged', digest });
      if (absent.length > 0) await this.#fill(asset, absent, present);
    }
    return Promise.all(items.map((item) => item.report()));
  }

  /** Looks at a destination; undefined if that failed, and the item is finished. */
  async #look(item: ImageItem) {
    const { destination, claim } = item;
    item.start();
    try {
      if (this.#context.signal?.aborted) throw interrupted();
      if (claim.rivals.length > 0) throw conflict(destination);
      return { item, digest: await this.#digestAt(destination) };
    } catch (error) {
      item.fail(error);
      return undefined;
    }
  }

  /** The digest of what a destination's tag names; undefined if there is none. */
  async #digestAt(destination: ImageDestination): Promise<string | undefined> {
    const look = await lookAtImage(this.#context.aws, destination);
    if (look.state === 'hidden') throw look.refusal;
    if (look.state === 'found') return look.digest;
    if (look.noRepository) throw look.noRepository;
    return undefined;
  }

  /** Brings the image to those that lack it. */
  async #fill(asset: ImageAsset, absent: readonly ImageItem[], present: readonly Present[]): Promise<void> {
    if (this.#context.request.dryRun) {
      const [source] = present;
      const detail = source
        ? `would be copied from ${source.item.destination.targetName}`
        : 'would be built and uploaded';
      for (const item of absent) item.finish({ outcome: 'planned', detail });
      return;
    }
    await using folder = await temporaryFolder('nx-cdk-image-');
    for (const { destination } of absent) this.#registries.prepare(destination);
    try {
      const obtained = await this.#obtain(asset, absent, present, folder.path);
      await this.#transfers.map(absent, (item) =>
        this.#push(item, obtained).then(
          (result) => item.finish(result),
          (error: unknown) => item.fail(error),
        ),
      );
    } catch (error) {
      // The output of the builder is shown once, not below each destination.
      for (const [index, item] of absent.entries()) item.fail(error, index === 0 ? {} : { lines: [] });
    }
  }

  /** The image of a destination that has it; built if none has it, or none lets it be read. */
  async #obtain(
    asset: ImageAsset,
    absent: readonly ImageItem[],
    present: readonly Present[],
    folder: string,
  ): Promise<Obtained> {
    let refusal: unknown;
    for (const { item, digest } of present) {
      const { destination } = item;
      for (const each of absent) each.step(`reading the image of ${destination.targetName}`);
      try {
        const image = await pullImage(this.#registries, destination, digest, folder);
        return { image, how: 'copied', detail: `copied from ${destination.targetName}` };
      } catch (error) {
        if (explain(error).code !== 'AccessDenied') throw error;
        refusal = error;
      }
    }
    const image = await this.#build(asset, absent, folder);
    const [there] = present;
    if (there && image.digest !== there.digest)
      throw irreproducible(there.item.destination, there.digest, image.digest, refusal);
    return { image, how: 'built' };
  }

  async #build(asset: ImageAsset, items: readonly ImageItem[], folder: string): Promise<LocalImage> {
    const step = (text: string, milestone?: true) => {
      for (const item of items) item.step(text, { milestone });
    };
    step('waiting for its build');
    return this.#builds(async () => {
      if (this.#context.signal?.aborted) throw interrupted();
      const tool = await (this.#tool ??= findImageTool());
      step(`building with ${tool.split('/').at(-1)}`, true);
      const archive = await buildImage(asset, tool, folder, {
        signal: this.#context.signal,
        onLine: (line) => {
          items[0]!.message('debug', line);
          step(`building: ${line}`);
        },
      });
      // Another synthesis may have written to its folder meanwhile.
      const { accept } = this.#context.request;
      accept?.(asset.source, await imageContentDigest(asset.source));
      step('compressing its layers');
      return readImageArchive(archive, folder);
    });
  }

  /** Sends the image, and reads its digest back from the repository. */
  async #push(item: ImageItem, { image, how, detail }: Obtained): Promise<Result> {
    if (this.#context.signal?.aborted) return INTERRUPTED;
    const { destination } = item;
    const facts = { digest: image.digest, bytes: image.size, obtained: how };
    let bytesSent = 0;
    const onSent = (done: number) => {
      bytesSent = done;
      item.step('uploading', { done, total: image.size });
    };
    onSent(0);
    let refusal: unknown;
    try {
      await pushImage(this.#context.aws, this.#registries, destination, image, onSent);
    } catch (error) {
      // The tag is taken: somebody else was faster. With the same image all is well.
      if (!(error instanceof RegistryRefusal) || !/^TAG_|^MANIFEST_INVALID$/.test(error.registryCode)) throw error;
      refusal = error;
    }
    const there = await this.#digestAt(destination);
    if (refusal && there === undefined) throw refusal;
    if (there !== image.digest) throw overtaken(destination, there ?? 'nothing', image.digest);
    return refusal
      ? { ...facts, outcome: 'unchanged', bytesSent }
      : { ...facts, outcome: 'uploaded', bytesSent, detail };
  }
}
