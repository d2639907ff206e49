import type { Listener } from '../progress/index.ts';
import type { ImageDestination } from './image-list.ts';
import type { DestinationReport } from './request.ts';

/** What came of one destination; `lines` are for people alone. */
export type ImageResult = Pick<
  DestinationReport,
  'outcome' | 'detail' | 'digest' | 'bytes' | 'bytesSent' | 'obtained' | 'failure'
> & { readonly lines?: readonly string[] };

export const INTERRUPTED: ImageResult = { outcome: 'skipped', detail: 'interrupted: publish again to go on' };

/** One destination's line of the display. */
export class ImageItem {
  readonly destination: ImageDestination;
  readonly #listener: Listener;
  #started: number | undefined;
  #report: DestinationReport | undefined;

  constructor(destination: ImageDestination, listener: Listener) {
    this.destination = destination;
    this.#listener = listener;
  }

  /** `111111111111/eu-west-1` */
  get where(): string {
    const { account, region } = this.destination.target;
    return `${account}/${region}`;
  }

  start(): void {
    this.#started = performance.now();
    const { id, label } = this.destination;
    this.#listener({ type: 'item-started', id, label, where: this.where });
  }

  step(step: string, milestone = false, done?: number, total?: number): void {
    this.#listener({
      type: 'item-progress',
      id: this.destination.id,
      step,
      ...(milestone ? { milestone } : {}),
      ...(total === undefined ? {} : { done: done ?? 0, total }),
    });
  }

  finish({ lines, ...result }: ImageResult): DestinationReport {
    if (this.#started === undefined) this.start();
    const milliseconds = Math.round(performance.now() - this.#started!);
    const { id, label, assetId, displayName, repository, tag, target, stacks } = this.destination;
    const { outcome, detail } = result;
    this.#listener({ type: 'item-finished', id, outcome, detail, ...(lines ? { lines } : {}), milliseconds });
    const named = { id, kind: 'image' as const, assetId, displayName, label, bucket: repository, key: tag, stacks };
    this.#report = { ...named, ...target, ...result, seconds: milliseconds / 1000 };
    return this.#report;
  }

  /** What it was finished with. */
  get report(): DestinationReport {
    return this.#report!;
  }
}
