import { relative, sep } from 'node:path';
import type { ReleaseSigning } from '@libs/environments';
import pLimit from 'p-limit';
import type { Assembly, AssemblyStack } from '../assembly/index.ts';
import type { AwsClients } from '../aws/index.ts';
import type { DeployGate, StackState, ResolvedStack } from '../cloudformation/index.ts';
import { type Destination, destinationsOf, type FileDestination, templateOf } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import { count, type Listener } from '../progress/index.ts';
import {
  contradicts,
  missing,
  notPublished,
  replaced,
  undescribed,
  unpublishedTemplate,
  unrecorded,
} from './gate-failures.ts';
import type { PublishedDestination, PublishedObject, ReleaseManifest } from './model.ts';
import { type Comparison, seeImage, seeObject } from './published-content.ts';
import { allInOrder, readRecords, type Records } from './read-records.ts';
import { imagePlace } from './record.ts';
import { ReleaseSigner } from './signing.ts';
import { shortRelease } from './verify.ts';

/** Requests at a time: the SDK's sockets a client. */
const AT_ONCE = 50;

/** What has to be deployed, and nothing else. */
export interface ReleaseGateRequest {
  /** Of the assembly, which was compared with it. */
  readonly manifest: ReleaseManifest;
  readonly assembly: Pick<Assembly, 'directory' | 'stacks'>;
  /** By what records have to be signed. @default - they need not be */
  readonly signing?: ReleaseSigning;
}

export interface ReleaseGateDependencies {
  readonly aws: AwsClients;
  readonly listener: Listener;
}

/**
 * Lets a deployment change stacks only if every file, template and image that they need is what was published of the
 * release. All is done with the deploy role of the stack; signatures are verified by the caller. Costs nothing if no
 * stack is about to change.
 */
export class ReleaseGate implements DeployGate {
  readonly #request: ReleaseGateRequest;
  readonly #dependencies: ReleaseGateDependencies;
  readonly #signer: ReleaseSigner | undefined;
  readonly #limit = pLimit(AT_ONCE);
  readonly #contents: ReadonlyMap<string, string>;
  readonly #records = new Map<string, Promise<Records>>();
  readonly #looks = new Map<string, Promise<Comparison>>();
  readonly #verified = new Set<string>();

  constructor(request: ReleaseGateRequest, dependencies: ReleaseGateDependencies) {
    this.#request = request;
    this.#dependencies = dependencies;
    this.#signer = request.signing && new ReleaseSigner(dependencies.aws, request.signing);
    this.#contents = new Map(
      request.manifest.assets.map(({ kind, id, path, sha256 }) => [contentName(kind, id, path), sha256]),
    );
  }

  /**
   * Compares what the pending stacks need with what was published.
   *
   * @throws Failure the first in the order of the assembly: `NotPublished`, `UnsignedRecord`, `AssetReplaced`,
   * `ImageReplaced`, `AssetMissing`, ...
   */
  async check(pending: readonly StackState[]): Promise<void> {
    const order = new Map(this.#request.assembly.stacks.map(({ id }, index) => [id, index]));
    const targets = pending
      .map(({ desired }) => desired.resolved)
      .toSorted((one, other) => order.get(one.stack.id)! - order.get(other.stack.id)!);
    const before = this.#looks.size;
    // All are looked at before the first one is told, so that it is the same one each time.
    await allInOrder(targets.map((target) => this.#verify(target)));
    const looked = this.#looks.size - before;
    if (looked > 0) this.#tell(looked, targets.length);
  }

  /**
   * Looks at a stack that was not among those that were pending at first: it may have changed in the meantime, or could
   * not be looked at then.
   *
   * @throws Failure as `check` does
   */
  async admit(stack: StackState): Promise<void> {
    if (!this.hasVerified(stack.desired.resolved.stack.id)) await this.check([stack]);
  }

  /** Whether everything that a stack needs was looked at, so that nobody else has to. */
  hasVerified(stackId: string): boolean {
    return this.#verified.has(stackId);
  }

  async #verify({ stack, session }: ResolvedStack): Promise<void> {
    const needed = await destinationsOf(stack, this.#dependencies.aws, session);
    const template = await templateOf(stack, needed, this.#dependencies.aws);
    if (template === undefined) {
      // Nothing says what was published for such a stack. If that has to be signed for, it cannot be.
      if (this.#signer !== undefined) throw unpublishedTemplate(stack, this.#signer.key);
      return;
    }
    // What is there can be looked at before it is known what should be. A missing record is told first, whichever comes
    // first.
    const records = this.#recordsAt(stack, template);
    const destinations: Destination[] = [...needed.files, ...needed.images];
    await allInOrder(
      destinations.map(async (need) => {
        const looking = this.#look(need);
        const recorded = this.#recordedOf(stack, need, await records);
        const compare = await looking;
        const finding = await this.#limit(() => compare(recorded));
        if (finding.state === 'absent') throw missing(stack, need);
        if (finding.state === 'other')
          throw replaced(stack, need, recorded[0]!, finding.found, this.#request.manifest.digest);
      }),
    );
    this.#verified.add(stack.id);
  }

  /** What was published to the bucket of the stack's template; each bucket is read once. */
  async #recordsAt(stack: AssemblyStack, template: FileDestination): Promise<Records> {
    const { bucket, target, targetName, session } = template;
    const { digest: release } = this.#request.manifest;
    const key = `${targetName}/${bucket}`;
    const options = { aws: this.#dependencies.aws, limit: this.#limit, signer: this.#signer };
    const reading = this.#records.get(key) ?? readRecords({ release, bucket, target, session }, options);
    this.#records.set(key, reading);
    const records = await reading.catch((error: unknown) => {
      throw error instanceof Failure ? error.of(stack.id) : error;
    });
    if (records.count === 0) throw notPublished(stack, release, bucket, records.disbelieved);
    return records;
  }

  /**
   * What was recorded of something that a stack needs.
   *
   * @throws Failure if there is nothing, or if it cannot have been made of what the release holds
   */
  #recordedOf(stack: AssemblyStack, need: Destination, records: Records): PublishedDestination[] {
    const { digest } = this.#request.manifest;
    const place = need.kind === 'file' ? need.place : imagePlace(need.target.region, need.repository, need.tag);
    const recorded = records.said.get(place) ?? [];
    if (recorded.length === 0) throw unrecorded(stack, need, digest, records.disbelieved);
    const path = need.kind === 'file' ? need.asset.source.path : need.asset.source.build?.directory;
    const name = path && relative(this.#request.assembly.directory, path).split(sep).join('/');
    const content = this.#contents.get(contentName(need.kind, need.asset.assetId, name));
    if (content === undefined) throw undescribed(stack, need, digest);
    // Of an archive the release knows what is in it, of an executable how it is run: what they were made into only the
    // record says.
    if (need.kind === 'image' || need.asset.source.packaging !== 'file' || need.asset.source.path === undefined)
      return [...recorded];
    const fitting = recorded.filter((each) => each.kind === 'file' && each.sha256 === content);
    if (fitting.length === 0) throw contradicts(stack, need, digest, recorded[0] as PublishedObject, content);
    return fitting;
  }

  /** Each destination is looked at once a run. */
  #look(need: Destination): Promise<Comparison> {
    const { aws } = this.#dependencies;
    const look = () => (need.kind === 'file' ? seeObject(aws, need) : seeImage(aws, need));
    const looking = this.#looks.get(need.id) ?? this.#limit(look);
    // If the record is missing, that is told, and nobody asks for this.
    looking.catch(() => undefined);
    this.#looks.set(need.id, looking);
    return looking;
  }

  #tell(looked: number, stacks: number): void {
    const signed = this.#signer === undefined ? '' : ` Its records are signed by ${this.#signer.key}.`;
    const release = shortRelease(this.#request.manifest.digest);
    const objects = `${count(looked, 'object')} of ${count(stacks, 'stack')} ${looked === 1 ? 'is' : 'are'}`;
    const text = `Release ${release}: ${objects} what was published.${signed}`;
    this.#dependencies.listener({ type: 'message', level: 'info', text });
  }
}

/** What the release manifest calls an asset. */
function contentName(kind: 'file' | 'image', id: string, path: string | undefined): string {
  return `${kind} ${id} ${path ?? ''}`;
}
