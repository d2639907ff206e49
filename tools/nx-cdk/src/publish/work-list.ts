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
  /** Assets of other sources that go to the same destination: only one of all can be there in the end. */
  readonly rivals: readonly D['asset'][];
}

/**
 * Each source once, whichever manifests name it, and each destination once, however many stacks need it.
 *
 * @param destinations the same one may be there many times
 */
export function workList<D extends Destination>(destinations: readonly D[]): Work<D>[] {
  const claims = [...Map.groupBy(destinations, ({ id }) => id).values()].map((all): Claim<D> => {
    const [destination] = all as [D];
    const assets = all.map(({ asset }) => asset as D['asset']);
    const sources = new Map(assets.map((asset) => [asset.source.fingerprint, asset]));
    sources.delete(destination.asset.source.fingerprint);
    return { destination, stacks: [...new Set(assets.flatMap(({ stacks }) => stacks))], rivals: [...sources.values()] };
  });
  const bySource = Map.groupBy(claims, ({ destination }) => destination.asset.source.fingerprint);
  return [...bySource.values()].map((each) => ({ asset: each[0]!.destination.asset, claims: each }));
}
