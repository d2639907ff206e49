import { availableParallelism } from 'node:os';
import type { ReleaseSigning } from '@nx-cdk/environments';
import pLimit from 'p-limit';
import { zipFolder } from '../archives/index.ts';
import { type Assembly, type AssemblyStack, FolderDigest, sha256Of } from '../assembly/index.ts';
import type { AwsClients, EngineDependencies } from '../aws/index.ts';
import type { DeployGate, StackState, ResolvedStack } from '../cloudformation/index.ts';
import { type Destination, destinationsOf, type FileDestination, templateOf } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import { count, type Listener } from '../progress/index.ts';
import { keyOf, nameIn } from './create.ts';
import { type PublishedDestination, type PublishedObject, type ReleaseManifest, shortRelease } from './model.ts';
import { type Comparison, type ExpectedArchive, type Read, seeImage, seeObject } from './published-content.ts';
import { allInOrder, readRecords, type Records } from './read-records.ts';
import { imagePlace } from './record.ts';
import { ReleaseSigner } from './signing.ts';

/** Requests at a time: the SDK's sockets a client. */
const AT_ONCE = 50;

const PUBLISH = 'run publish first (nx publish <project>)';
const PUBLISH_AGAIN = 'publish again (nx publish <project>) after finding out who';

/** What has to be deployed, and nothing else. */
interface ReleaseGateRequest {
  /** Of the assembly, which was compared with it. */
  readonly manifest: ReleaseManifest;
  readonly assembly: Pick<Assembly, 'directory' | 'stacks'>;
  /** Whether the assembly came out of a bucket, without what is in assets. @default false */
  readonly isStored?: boolean;
  /** By what records have to be signed. @default - they need not be */
  readonly signing?: ReleaseSigning;
}

/**
 * Lets a deployment change stacks only if every file, template and image that they need is what was published of the
 * release. Looks with the deploy role of the stack; signatures are verified by the caller. Costs nothing if no stack is
 * about to change.
 *
 * A record proves nothing about an archive, since who may write the one may write the other: what is in it is compared
 * with the release. An object is fetched only if the same folder is packed to other bytes here, or is not here.
 */
export class ReleaseGate implements DeployGate {
  readonly #release: string;
  readonly #assembly: ReleaseGateRequest['assembly'];
  readonly #aws: AwsClients;
  readonly #listener: Listener;
  readonly #signer: ReleaseSigner | undefined;
  readonly #limit = pLimit(AT_ONCE);
  /** Digest of each asset's content. */
  readonly #contents: ReadonlyMap<string, string>;
  /** By target and bucket. */
  readonly #records = new Map<string, Promise<Records>>();
  /** By destination and the content that it has to hold. */
  readonly #looks = new Map<string, Promise<Comparison>>();
  /** SHA-256 of the archives of folders. Each is packed by a thread of its own. */
  readonly #packed = new Map<string, Promise<string | undefined>>();
  /** Looks that fetch an archive of a stored release, by what it has to hold: one of them for all targets. */
  readonly #fetches = new Map<string, Promise<Comparison>>();
  /** What archives hold that were fetched, by the SHA-256 that S3 keeps: the same bytes go to many targets. */
  readonly #read = new Map<string, Promise<Read | undefined>>();
  readonly #isStored: boolean;
  readonly #packers = pLimit(availableParallelism());
  readonly #verified = new Set<string>();

  constructor(
    { manifest, assembly, signing, isStored = false }: ReleaseGateRequest,
    { aws, listener }: EngineDependencies,
  ) {
    this.#release = manifest.digest;
    this.#assembly = assembly;
    this.#isStored = isStored;
    this.#aws = aws;
    this.#listener = listener;
    this.#signer = signing && new ReleaseSigner(aws, signing);
    this.#contents = new Map(manifest.assets.map((asset) => [keyOf(asset), asset.sha256]));
  }

  /**
   * Compares what the pending stacks need with what was published.
   *
   * @throws Failure the first in the order of the assembly: `NotPublished`, `UnsignedRecord`, `AssetReplaced`,
   * `ImageReplaced`, `AssetMissing`, ...
   */
  async check(pending: readonly StackState[]): Promise<void> {
    const order = new Map(this.#assembly.stacks.map(({ id }, index) => [id, index]));
    const targets = pending
      .map(({ desired }) => desired.resolved)
      .toSorted((one, other) => order.get(one.stack.id)! - order.get(other.stack.id)!);
    const before = this.#looks.size;
    // All are looked at before the first one is told, so that it is the same one each time.
    await allInOrder(targets.map((target) => this.#verify(target)));
    const looked = this.#looks.size - before;
    if (looked > 0) this.#tell(looked, targets.length);
  }

  /** Looks at a stack that was not pending at first. @throws Failure as `check` does */
  async admit(stack: StackState): Promise<void> {
    if (!this.hasVerified(stack.desired.resolved.stack.id)) await this.check([stack]);
  }

  hasVerified(stackId: string): boolean {
    return this.#verified.has(stackId);
  }

  async #verify({ stack, session }: ResolvedStack): Promise<void> {
    const needed = await destinationsOf(stack, this.#aws, session);
    const template = await templateOf(stack, needed, this.#aws);
    if (template === undefined) {
      // Nothing says what was published for such a stack: records are in the bucket of its template.
      if (this.#signer === undefined && needed.files.length + needed.images.length === 0) return;
      const record = this.#signer
        ? `record signed by ${this.#signer.key} vouches for it`
        : 'record vouches for its assets';
      const what = `its template is not published, so no ${record}`;
      const next = 'give the stack a synthesizer that publishes templates, such as the default one';
      throw new Failure('NotPublished', { subject: stack.id, what, next });
    }
    // What is there can be looked at before it is known what should be. If both fail, a missing record is told.
    const records = this.#recordsAt(stack, template);
    const destinations: Destination[] = [...needed.files, ...needed.images];
    await allInOrder(
      destinations.map(async (need) => {
        const looking = this.#look(need);
        const recorded = this.#recordedOf(stack, need, await records);
        const compare = await looking;
        const finding = await this.#limit(() => compare(recorded));
        if (finding.state === 'absent') throw missing(stack, need);
        if (finding.state === 'other') throw replaced(stack, need, recorded[0]!, finding.found, this.#release);
        if (finding.state === 'contradicts') throw exchanged(stack, need, this.#release);
      }),
    );
    this.#verified.add(stack.id);
  }

  /** What was published to the bucket of the stack's template; each bucket is read once. */
  async #recordsAt(stack: AssemblyStack, template: FileDestination): Promise<Records> {
    const { bucket, targetName } = template;
    const key = `${targetName}/${bucket}`;
    const options = { aws: this.#aws, limit: this.#limit, signer: this.#signer };
    const reading = this.#records.get(key) ?? readRecords(this.#release, template, options);
    this.#records.set(key, reading);
    const records = await reading.catch((error: unknown) => {
      throw error instanceof Failure ? error.of(stack.id) : error;
    });
    if (records.count > 0) return records;
    throw notPublished(stack, `release ${shortRelease(this.#release)} is not published to ${bucket}`, records, ': ');
  }

  /** @throws Failure if nothing is recorded, or what cannot have been made of what the release holds */
  #recordedOf(stack: AssemblyStack, need: Destination, records: Records): readonly PublishedDestination[] {
    const place = need.kind === 'file' ? need.place : imagePlace(need.target.region, need.repository, need.tag);
    const recorded = records.said.get(place) ?? [];
    const [name, release] = [nameOf(stack, need), `release ${shortRelease(this.#release)}`];
    if (recorded.length === 0) {
      const what = `no record of ${release} says that ${name} was published to ${need.place}`;
      throw notPublished(stack, what, records, ', and ');
    }
    const content = this.#contentOf(need);
    if (content === undefined) {
      const parts = { what: `${name} is not in ${release}`, next: 'synthesize again (nx synth <project>)' };
      throw new Failure('ReleaseMismatch', { subject: stack.id, ...parts });
    }
    // Of an archive the release knows what is in it, which the look compares. What an executable or an image was made
    // into only the record says.
    if (need.kind === 'image' || need.asset.source.packaging !== 'file' || need.asset.source.path === undefined)
      return recorded;
    const fitting = recorded.filter((each) => each.kind === 'file' && each.sha256 === content);
    if (fitting.length > 0) return fitting;
    const { sha256 } = recorded[0] as PublishedObject;
    const what =
      `the record of ${release} says that ${need.place} was published with the SHA-256 ${sha256}, ` +
      `but that of ${name} in the release is ${content}`;
    const next = `somebody has changed the record; ${PUBLISH_AGAIN}`;
    throw new Failure('RecordContradicts', { subject: stack.id, what, next });
  }

  /** The digest of an asset's content; undefined if it is not in the release. */
  #contentOf({ asset }: Destination): string | undefined {
    return this.#contents.get(keyOf(nameIn(this.#assembly.directory, asset)));
  }

  /** Each destination is looked at once a run. */
  #look(need: Destination): Promise<Comparison> {
    // Two assets may claim one place: what each of them has to hold is compared.
    const key = `${need.id} ${this.#contentOf(need)}`;
    const known = this.#looks.get(key);
    if (known !== undefined) return known;
    const archive = need.kind === 'file' ? this.#archiveOf(need) : undefined;
    const looking = this.#limit(() =>
      need.kind === 'file' ? seeObject(this.#aws, need, archive) : seeImage(this.#aws, need),
    );
    // If the record is missing, that is told, and nobody asks for this.
    looking.catch(() => undefined);
    this.#looks.set(key, looking);
    if (archive?.isFetched) this.#fetches.set(archive.digest, looking);
    return looking;
  }

  /** What an archive has to hold; undefined for what is no archive. */
  #archiveOf(need: FileDestination): ExpectedArchive | undefined {
    const { packaging, path: directory } = need.asset.source;
    const digest = this.#contentOf(need);
    if (packaging !== 'zip' || directory === undefined || digest === undefined) return undefined;
    if (!this.#isStored) {
      const once: ExpectedArchive['once'] = (sha256, read) => this.#readOnce(sha256, read);
      return { directory, digest, packed: () => this.#pack(directory, digest), once };
    }
    // The first look fetches it, in place of asking for its checksum. The others wait: theirs is most often the same.
    const fetching = this.#fetches.get(digest);
    const once: ExpectedArchive['once'] = async (sha256, read) => {
      await fetching?.catch(() => undefined);
      return this.#readOnce(sha256, read);
    };
    return { digest, isFetched: fetching === undefined, packed: async () => undefined, once };
  }

  /** Equal bytes hold the same. What was not the bytes that S3 told of says nothing of another object. */
  #readOnce(sha256: string, read: () => Promise<Read | undefined>): Promise<Read | undefined> {
    const before = this.#read.get(sha256)?.catch(() => undefined);
    const reading = before?.then((known) => (known?.sha256 === sha256 ? known : read())) ?? read();
    this.#read.set(sha256, reading);
    return reading;
  }

  /** The SHA-256 of a folder's archive; each is packed once a run, and not kept. */
  #pack(directory: string, expected: string): Promise<string | undefined> {
    const pack = async () => {
      const digest = new FolderDigest();
      const sha256 = await sha256Of(zipFolder(directory, digest));
      return digest.end() === expected ? sha256 : undefined;
    };
    const packing = this.#packed.get(directory) ?? this.#packers(pack);
    this.#packed.set(directory, packing);
    return packing;
  }

  #tell(looked: number, stacks: number): void {
    const signed = this.#signer === undefined ? '' : ` Its records are signed by ${this.#signer.key}.`;
    const objects = `${count(looked, 'object')} of ${count(stacks, 'stack')} ${looked === 1 ? 'is' : 'are'}`;
    const text = `Release ${shortRelease(this.#release)}: ${objects} what was published.${signed}`;
    this.#listener({ type: 'message', level: 'info', text });
  }
}

/** There is no record that says so; if one is not believed, the reason is told. */
function notPublished({ id: subject }: AssemblyStack, what: string, { disbelieved }: Records, joint: string): Failure {
  if (disbelieved === undefined) return new Failure('NotPublished', { subject, what, next: PUBLISH });
  const { code, next } = disbelieved;
  return new Failure(code, { subject, what: `${what}${joint}${disbelieved.what}`, next }, { cause: disbelieved });
}

/** It was published, and is not there any more. */
function missing(stack: AssemblyStack, need: Destination): Failure {
  const where = need.kind === 'file' ? `bucket ${need.bucket}` : `repository ${need.repository}`;
  const what = `${nameOf(stack, need)} is not`;
  return new Failure('AssetMissing', { subject: stack.id, what, where, next: PUBLISH });
}

/** Something else is there than what was published. */
function replaced(
  { id: subject }: AssemblyStack,
  need: Destination,
  recorded: PublishedDestination,
  found: string,
  release: string,
): Failure {
  const [code, kind, its, expected] =
    recorded.kind === 'file'
      ? (['AssetReplaced', 'object', 'SHA-256', recorded.sha256] as const)
      : (['ImageReplaced', 'image', 'digest', recorded.digest] as const);
  const what =
    `the ${kind} ${need.place} is not what was published: its ${its} is ${found}, ` +
    `the record of release ${shortRelease(release)} says ${expected}`;
  return new Failure(code, { subject, what, next: `somebody has replaced it; ${PUBLISH_AGAIN}` });
}

/** It is what was recorded, and something else than the release holds. */
function exchanged(stack: AssemblyStack, need: Destination, release: string): Failure {
  const what =
    `the archive ${need.place} is what the record of release ${shortRelease(release)} says, ` +
    `but it does not hold the files of ${nameOf(stack, need)} in the release`;
  const next = `somebody who may publish has exchanged it; ${PUBLISH_AGAIN}`;
  return new Failure('RecordContradicts', { subject: stack.id, what, next });
}

function nameOf(stack: AssemblyStack, { kind, asset, label }: Destination): string {
  if (kind === 'file' && asset.source.path === stack.templateFile) return 'its template';
  return `${kind === 'image' ? 'image' : 'asset'} ${label}`;
}
