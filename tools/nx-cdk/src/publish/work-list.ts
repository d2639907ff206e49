import type { Destination } from '../destinations/index.ts';

/** One source to read, zip or build, and every place it goes to. */
export interface Work<D extends Destination> {
  readonly asset: D['asset'];
  readonly claims: readonly Claim<D>[];
}

/** A destination, and everybody who claims it. */
export interface Claim<D extends Destination> {
  readonly destination: D;
  /** Ids of all stacks that need it. */
  readonly stacks: readonly string[];
  /** Assets of other sources that go to the same destination: at most one of them could be there afterwards. */
  readonly rivals: readonly D['asset'][];
}

/**
 * Every unique piece of work once: assets with the same source are read or built once, whatever manifest they stand in,
 * and a destination that many stacks need is looked at once.
 *
 * @param destinations the same one may stand here many times
 */
export function workList<D extends Destination>(destinations: readonly D[]): Work<D>[] {
  const claims = [...Map.groupBy(destinations, ({ id }) => id).values()].map(([destination, ...others]): Claim<D> => {
    const all = [destination!, ...others].map(({ asset }) => asset as D['asset']);
    const sources = new Map(all.map((asset) => [asset.source.fingerprint, asset]));
    sources.delete(destination!.asset.source.fingerprint);
    const stacks = [...new Set(all.flatMap((asset) => asset.stacks))];
    return { destination: destination!, stacks, rivals: [...sources.values()] };
  });
  const bySource = Map.groupBy(claims, ({ destination }) => destination.asset.source.fingerprint);
  return [...bySource.values()].map((each) => ({ asset: each[0]!.destination.asset, claims: each }));
}
