import type { AwsClients } from '../aws/index.ts';
import type { Clock } from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { Ledger, type LedgerEntry } from '../release/index.ts';
import { filesIn, imagesIn } from './find.ts';
import { isGarbage, type Needs, needsOf } from './needs.ts';
import type { GarbagePlace } from './places.ts';
import type { GarbageItem, GarbageOfTarget, GarbageRules } from './request.ts';
import { neededByStacks } from './stacks.ts';

/** What a look at an account found. */
export interface AccountLook {
  /** Hashes that stacks need. */
  readonly hashes: ReadonlySet<string>;
  /** By chosen place: what is garbage there, or why it could not be looked at. */
  readonly found: ReadonlyMap<GarbagePlace, GarbageOfTarget | Failure>;
  /** Places that retired releases name and where something still is, garbage or not. */
  readonly present: ReadonlySet<string>;
  /** Stacks whose need is not known, see `NeededByStacks`: nothing may be deleted. */
  readonly unknown: readonly string[];
}

/** The records of an account, and what is in its buckets and repositories. Changes nothing. */
export class Account {
  /** Those that are bootstrapped, after the first look. */
  #places: readonly GarbagePlace[];
  readonly #aws: AwsClients;
  readonly #clock: Clock;
  readonly #rules: GarbageRules;
  readonly #ledgers: ReadonlyMap<string, Ledger>;

  constructor(places: readonly GarbagePlace[], rules: GarbageRules, aws: AwsClients, clock: Clock) {
    this.#places = places;
    this.#rules = rules;
    this.#aws = aws;
    this.#clock = clock;
    this.#ledgers = new Map(places.map((place) => [place.bucket, new Ledger(aws, place)]));
  }

  get places(): readonly GarbagePlace[] {
    return this.#places;
  }

  /** What all records of the account need now. @throws Failure as `Ledger.read` does */
  async needs(): Promise<Needs> {
    const ledgers = new Map<string, LedgerEntry[]>();
    for (const { bucket } of this.#places) ledgers.set(bucket, await this.#ledgers.get(bucket)!.read());
    return needsOf(ledgers, this.#rules, this.#clock.now());
  }

  /** @throws Failure what keeps it from being known what is needed: records or stacks that cannot be read */
  async look(): Promise<AccountLook> {
    const missing = await this.#leaveOutMissing();
    const needs = await this.needs();
    const hashes = new Set<string>();
    const unknown: string[] = [];
    await Promise.all(
      this.#places.map(async ({ session, targetName }) => {
        const needed = await neededByStacks(this.#aws, session, this.#clock);
        for (const hash of needed.hashes) hashes.add(hash);
        unknown.push(...needed.unknown.map((stack) => `${stack} in ${targetName}`));
      }),
    );
    const found = new Map<GarbagePlace, GarbageOfTarget | Failure>(missing);
    const present = new Set<string>();
    for (const place of this.#places.filter(({ isChosen }) => isChosen)) {
      found.set(place, await this.#find(place, needs, hashes, present));
    }
    return { hashes, found, present, unknown };
  }

  async #find(
    place: GarbagePlace,
    needs: Needs,
    hashes: ReadonlySet<string>,
    present: Set<string>,
  ): Promise<GarbageOfTarget> {
    const items: GarbageItem[] = [];
    const now = this.#clock.now();
    const totals = { file: { count: 0, bytes: 0 }, image: { count: 0, bytes: 0 } };
    for (const listing of [filesIn(this.#aws, place), imagesIn(this.#aws, place)]) {
      for await (const item of listing) {
        if (needs.released.has(item.place)) present.add(item.place);
        if (!isGarbage(item, needs, hashes, this.#rules, now)) continue;
        items.push(item);
        totals[item.kind].count += 1;
        totals[item.kind].bytes += item.bytes;
      }
    }
    const retire = needs.retire.get(place.bucket)!.map(({ release, key }) => ({ release, key }));
    return { target: place.targetName, files: totals.file, images: totals.image, items, retire };
  }

  /** A target that is not bootstrapped holds nothing, but one that was chosen should be. */
  async #leaveOutMissing(): Promise<(readonly [GarbagePlace, Failure])[]> {
    const missing: (readonly [GarbagePlace, Failure])[] = [];
    for (const place of this.#places) {
      try {
        await this.#ledgers.get(place.bucket)!.read();
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'NotBootstrapped') throw error;
        missing.push([place, error]);
      }
    }
    this.#places = this.#places.filter((place) => missing.every(([one]) => one !== place));
    return missing.filter(([{ isChosen }]) => isChosen);
  }
}
