import type { LedgerEntry } from '../release/index.ts';
import { assetHash } from './asset-hash.ts';
import { type GarbageRules, RETIRED_FOR, type GarbageItem } from './request.ts';

/** What the records in the buckets of an account say. */
export interface Needs {
  /** Records of the app that are retired now, by bucket. */
  readonly retire: ReadonlyMap<string, readonly LedgerEntry[]>;
  /** Notes that may go when what they name is gone: records that were retired long enough ago, by bucket. */
  readonly done: ReadonlyMap<string, readonly LedgerEntry[]>;
  /** Claims of publishing runs that ended long ago, by bucket. */
  readonly oldClaims: ReadonlyMap<string, readonly LedgerEntry[]>;
  /** Records and claims of the app, by bucket. */
  readonly said: ReadonlyMap<string, readonly LedgerEntry[]>;
  /** Places that a kept release, another app or a publishing run needs. */
  readonly needed: ReadonlySet<string>;
  /** Places that only releases name which were retired long enough ago. */
  readonly released: ReadonlySet<string>;
}

/**
 * What is needed, by all that is said of releases in the buckets of an account.
 *
 * A release of the app is kept in a bucket if it is one of the newest there, or young. All others are retired first:
 * their records are put aside, so that no new deployment of them begins. What they name is needed a day longer, for
 * the deployments that had begun.
 *
 * @param ledgers the entries of each bucket
 * @param now milliseconds since the epoch
 */
export function needsOf(
  ledgers: ReadonlyMap<string, readonly LedgerEntry[]>,
  { owner, keep, olderThan }: GarbageRules,
  now: number,
): Needs {
  const [retire, done, oldClaims] = [new Map<string, LedgerEntry[]>(), new Map<string, LedgerEntry[]>(), new Map()];
  const said = new Map<string, LedgerEntry[]>();
  const [needed, released] = [new Set<string>(), new Set<string>()];
  for (const [bucket, entries] of ledgers) {
    const kept = newest(entries, owner, keep);
    const isYoung = ({ modifiedAt }: LedgerEntry) => now - modifiedAt < olderThan;
    const isOver = (one: LedgerEntry) =>
      one.kind === 'retired' && one.owner === owner && now - one.modifiedAt >= RETIRED_FOR;
    retire.set(
      bucket,
      entries.filter((one) => one.kind === 'record' && one.owner === owner && !isYoung(one) && !kept.has(one.release)),
    );
    done.set(bucket, entries.filter(isOver));
    oldClaims.set(
      bucket,
      entries.filter((one) => one.kind === 'claim' && one.owner === owner && !isYoung(one)),
    );
    said.set(
      bucket,
      entries.filter((one) => one.kind !== 'retired' && one.owner === owner),
    );
    for (const one of entries) {
      if (one.kind === 'claim' && !isYoung(one)) continue;
      const places = isOver(one) ? released : needed;
      for (const place of one.places) places.add(place);
    }
  }
  return { retire, done, oldClaims, said, needed, released };
}

/** The newest releases of an app: of several records of one, the last that was written counts. */
function newest(entries: readonly LedgerEntry[], owner: string, keep: number): Set<string> {
  const writtenAt = new Map<string, number>();
  for (const { kind, owner: whose, release, modifiedAt } of entries) {
    if (kind !== 'record' || whose !== owner) continue;
    writtenAt.set(release, Math.max(modifiedAt, writtenAt.get(release) ?? 0));
  }
  const sorted = [...writtenAt].sort(([, one], [, other]) => other - one);
  return new Set(sorted.slice(0, keep).map(([release]) => release));
}

/** Whether nothing needs what is at a place. */
export function isGarbage(
  { name, place, writtenAt }: Pick<GarbageItem, 'name' | 'place' | 'writtenAt'>,
  { needed, released }: Pick<Needs, 'needed' | 'released'>,
  hashes: ReadonlySet<string>,
  { olderThan, all = false }: GarbageRules,
  now: number,
): boolean {
  const hash = assetHash(name);
  if (hash === undefined || hashes.has(hash) || needed.has(place)) return false;
  return now - writtenAt >= olderThan && (all || released.has(place));
}
