import type { AwsClients } from '../aws/index.ts';
import type { Clock } from '../cloudformation/index.ts';
import { Buckets, bucketOf, explainObjectError } from '../destinations/index.ts';
import { type FoundEntry, imagePlace, NOTICE_IS_OLD, readIndex, readNotices, retiredKey } from '../release/index.ts';
import { deleteImages, deleteObjects, IMAGES_AT_ONCE, OBJECTS_AT_ONCE } from './delete.ts';
import type { Account, AccountLook } from './look.ts';
import { isGarbage, type Needs } from './needs.ts';
import { CollectingNotice } from './notice.ts';
import type { GarbagePlace } from './places.ts';
import type { GarbageItem, GarbageOfTarget, GarbageRules, RetiredRecord } from './request.ts';

/** No request is started that would have less time than this before the notice holds no more, in milliseconds. */
const SHORTEST = 20_000;

/** What was done in a target. */
export interface Swept {
  readonly deleted: readonly GarbageItem[];
  readonly retired: readonly RetiredRecord[];
}

/**
 * Deletes what was found in an account, and nothing else. It happens under a notice, and what is needed is read again
 * each time after the notice was written: see docs/decisions for the order of events that this rests on.
 */
export class Sweep {
  readonly #account: Account;
  readonly #look: AccountLook;
  readonly #rules: GarbageRules;
  readonly #aws: AwsClients;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  readonly #notice: CollectingNotice;
  #needs: Needs | undefined;

  constructor(
    account: Account,
    look: AccountLook,
    rules: GarbageRules,
    { aws, clock, signal }: { readonly aws: AwsClients; readonly clock: Clock; readonly signal?: AbortSignal },
  ) {
    this.#account = account;
    this.#look = look;
    this.#rules = rules;
    this.#aws = aws;
    this.#clock = clock;
    this.#signal = signal;
    this.#notice = new CollectingNotice(aws, account.places, clock);
  }

  /**
   * Deletes what was found in one place. Stops between two requests when the signal fires.
   *
   * @param done is told what was done so far, also if it fails half-way
   */
  async sweep(place: GarbagePlace, found: GarbageOfTarget, done: (swept: Swept) => void): Promise<void> {
    const deleted: GarbageItem[] = [];
    const retired: RetiredRecord[] = [];
    const tell = () => done({ deleted, retired });
    for (const record of found.retire) {
      const needs = await this.#held();
      if (this.#signal?.aborted) return;
      if (!needs.retire.get(place.bucket)?.some(({ key }) => key === record.key)) continue;
      await this.#retire(place, record);
      retired.push(record);
      tell();
    }
    const kinds = [
      { kind: 'file', most: OBJECTS_AT_ONCE, remove: deleteObjects },
      { kind: 'image', most: IMAGES_AT_ONCE, remove: deleteImages },
    ] as const;
    for (const { kind, most, remove } of kinds) {
      const items = found.items.filter((item) => item.kind === kind);
      for (let start = 0; start < items.length; start += most) {
        const needs = await this.#held();
        if (this.#signal?.aborted) return;
        const still = items.slice(start, start + most).filter((item) => this.#isStillGarbage(item, needs));
        const names = still.map(({ name }) => name);
        await remove(this.#aws, place, names, this.#notice.remaining);
        deleted.push(...still);
        tell();
      }
    }
    await this.#tidy(place, new Set(deleted.map((item) => item.place)), new Set(retired.map(({ key }) => key)));
  }

  /** Says that nothing is deleted any more. */
  async end(): Promise<void> {
    await this.#notice.remove();
  }

  /** What is needed, read after a notice was written that still holds for a while. */
  async #held(): Promise<Needs> {
    if (this.#needs === undefined || this.#notice.remaining < SHORTEST) {
      await this.#notice.write();
      this.#needs = await this.#account.needs();
      // A slow read takes from the time of the notice; another one is quicker, since most is known now.
      if (this.#notice.remaining < SHORTEST) return this.#held();
    }
    return this.#needs;
  }

  #isStillGarbage(item: GarbageItem, needs: Needs): boolean {
    return isGarbage(item, needs, this.#look.hashes, this.#rules, this.#clock.now());
  }

  /** Puts a record aside. Killed in between, there are two of it, of which the one that counts protects. */
  async #retire(place: GarbagePlace, { key }: RetiredRecord): Promise<void> {
    const { CopyObjectCommand } = await import('@aws-sdk/client-s3');
    const s3 = await this.#aws.s3(place.session);
    const object = { ...place, key: retiredKey(key) };
    const input = {
      ...bucketOf(place),
      Key: object.key,
      CopySource: `${place.bucket}/${key}`,
      ExpectedSourceBucketOwner: place.target.account,
      TaggingDirective: 'REPLACE' as const,
      ...(await new Buckets().encryption(this.#aws, object)),
    };
    const abortSignal = AbortSignal.timeout(Math.max(this.#notice.remaining, 1));
    await s3.send(new CopyObjectCommand(input), { abortSignal }).catch(async (error: unknown) => {
      throw await explainObjectError(this.#aws, object, error);
    });
    await deleteObjects(this.#aws, place, [key], Math.max(this.#notice.remaining, 1));
  }

  /**
   * Deletes notes that nobody needs: retired records of which nothing is left, old claims, notices of killed runs, and
   * what the index says of releases that cannot be deployed any more.
   */
  async #tidy(place: GarbagePlace, deleted: ReadonlySet<string>, retired: ReadonlySet<string>): Promise<void> {
    const needs = await this.#held();
    const others = this.#account.places.filter(({ isChosen }) => !isChosen);
    const isElsewhere = (name: string) =>
      others.some(
        ({ bucket, repository, target }) =>
          name.startsWith(`s3://${bucket}/`) || name.startsWith(imagePlace(target.region, repository, '')),
      );
    const isGone = (name: string) => deleted.has(name) || (!this.#look.present.has(name) && !isElsewhere(name));
    const records = needs.done.get(place.bucket)!.filter(({ places }) => places.every(isGone));
    const notices = (await readNotices(this.#aws, place)).filter(
      ({ writtenAt }) => this.#clock.now() - writtenAt > NOTICE_IS_OLD,
    );
    const unlisted = await this.#outdatedIndex(place, needs, retired);
    const keys = [...records, ...needs.oldClaims.get(place.bucket)!, ...notices, ...unlisted].map(({ key }) => key);
    for (let start = 0; start < keys.length; start += OBJECTS_AT_ONCE) {
      await this.#held();
      const some = keys.slice(start, start + OBJECTS_AT_ONCE);
      await deleteObjects(this.#aws, place, some, this.#notice.remaining);
    }
  }

  /** Entries of the index whose release has no record any more. A young one may be about to get its record. */
  async #outdatedIndex(place: GarbagePlace, needs: Needs, retired: ReadonlySet<string>): Promise<FoundEntry[]> {
    const { owner, olderThan } = this.#rules;
    const said = needs.said.get(place.bucket)!.filter(({ key }) => !retired.has(key));
    const known = new Set(said.map(({ release }) => release));
    const outdated: FoundEntry[] = [];
    for await (const page of readIndex(this.#aws, place, { owner })) {
      outdated.push(
        ...page.filter(({ release, writtenAt }) => !known.has(release) && this.#clock.now() - writtenAt >= olderThan),
      );
    }
    return outdated;
  }
}
