import { explain } from '../aws/index.ts';
import type { Buckets, Destination, DestinationReport, FileReport, ImageReport } from '../destinations/index.ts';
import { failedItem, type Run } from '../progress/index.ts';
import { BuildFailure } from './failures.ts';
import type { Limits, PublishDependencies, PublishRequest } from './request.ts';
import type { Claim } from './work-list.ts';

/** What the parts of a publishing run share. */
export interface RunContext extends PublishDependencies {
  readonly run: Run;
  readonly request: PublishRequest;
  readonly limits: Limits;
  readonly buckets: Buckets;
}

/** How publishing to a destination ended; `lines` are for people alone. */
export type Result = Pick<FileReport, 'outcome' | 'detail' | 'bytes' | 'failure' | 'sha256' | 'versionId'> &
  Pick<ImageReport, 'digest' | 'bytesSent' | 'obtained'> & { readonly lines?: readonly string[] };

export const INTERRUPTED: Result = { outcome: 'skipped', detail: 'interrupted: publish again to go on' };

/** One destination's line of the display, and its report in the end. */
export class Item<D extends Destination = Destination> {
  readonly claim: Claim<D>;
  readonly destination: D;
  readonly #context: RunContext;
  readonly #end = Promise.withResolvers<Result>();
  #ended: Promise<Result & { readonly seconds: number }> | undefined;

  constructor(claim: Claim<D>, context: RunContext) {
    this.claim = claim;
    this.destination = claim.destination;
    this.#context = context;
  }

  start(): void {
    const { id, label, targetName: where } = this.destination;
    this.#ended = this.#context.run.item({ id, label, where }, () => this.#end.promise);
  }

  step(step: string, progress: { done?: number; total?: number; milestone?: boolean } = {}): void {
    this.#context.listener({ type: 'item-progress', id: this.destination.id, step, ...progress });
  }

  message(level: 'debug' | 'warning', text: string): void {
    this.#context.listener({ type: 'message', level, id: this.destination.id, text });
  }

  finish(result: Result): void {
    if (this.#ended === undefined) this.start();
    this.#end.resolve(result);
  }

  /** Finishes it with a failure: one sentence for the report, the rest in a debug message. `facts` stay known. */
  fail(error: unknown, facts: Partial<Result> = {}): void {
    const failure = explain(error);
    if (failure.code === 'Interrupted') return this.finish(INTERRUPTED);
    const { cause, stack, message } = failure;
    this.message('debug', (cause instanceof Error ? cause.stack : undefined) ?? stack ?? message);
    const lines = failure instanceof BuildFailure ? failure.lines : [];
    this.finish({ lines, ...facts, ...failedItem(failure) });
  }

  /** Waits until it is finished. */
  async report(): Promise<DestinationReport> {
    const result = { ...(await this.#ended!), lines: undefined };
    const destination: Destination = this.destination;
    const { id, label, target, asset } = destination;
    const { assetId, displayName } = asset;
    const common = { id, assetId, displayName, label, stacks: this.claim.stacks, ...target, ...result };
    if (destination.kind === 'image') {
      const { kind, repository, tag } = destination;
      return { kind, repository, tag, ...common };
    }
    const { kind, bucket, key } = destination;
    return { kind, bucket, key, ...common };
  }
}
